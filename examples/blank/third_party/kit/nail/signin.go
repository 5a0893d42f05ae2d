package nail

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Signin is how people sign in to the console, besides by a link and a token.
type Signin struct {
	// Password lets people choose a password of their own. Defaults to true.
	Password bool `yaml:"password"`

	// OIDC is an OpenID provider. Defaults to none.
	OIDC OIDC `yaml:"oidc"`
}

// OIDC is an OpenID provider. Without an issuer it means none.
type OIDC struct {
	// Name is what people call it, as on its button. Defaults to the issuer's
	// host.
	Name string `yaml:"name"`

	// Issuer is its address: https, or http on this machine. It has no default.
	Issuer string `yaml:"issuer"`

	// ClientID is what it knows this service by. It has no default.
	ClientID string `yaml:"client_id"`

	// SecretEnv names the environment variable that holds the client's secret.
	// Defaults to none, for a client that has no secret.
	SecretEnv string `yaml:"secret_env"`

	// Domains are the domains of addresses whose owners are added when they
	// first come. Defaults to none: people are invited.
	Domains []string `yaml:"domains"`

	// Role is what who is added so may do: lead, reviewer or viewer. Defaults
	// to reviewer.
	Role string `yaml:"role"`
}

var domainShape = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// signinRoles are the roles that a provider may give: nobody becomes an admin
// by having an address.
var signinRoles = []string{"lead", "reviewer", "viewer"}

func (r *reading) checkSignin(s Signin) {
	if _, written := r.places["signin.oidc"]; !written {
		return
	}
	o := s.OIDC
	r.want(issuerURL(o.Issuer), "signin.oidc.issuer", o.Issuer, "write the https address of the provider, or http on this machine")
	r.want(strings.TrimSpace(o.ClientID) != "", "signin.oidc.client_id", o.ClientID, "write the id that the provider gave this service")
	r.want(o.SecretEnv == "" || envShape.MatchString(o.SecretEnv), "signin.oidc.secret_env", o.SecretEnv,
		"name the environment variable that holds the secret, such as OIDC_SECRET")
	r.want(slices.Contains(signinRoles, o.Role), "signin.oidc.role", o.Role, "write lead, reviewer or viewer")
	for i, d := range o.Domains {
		r.want(domainShape.MatchString(d), fmt.Sprintf("signin.oidc.domains[%d]", i), d, "write a domain, such as example.com")
	}
}

// issuerURL reports whether address can be an issuer's: what it says of people
// is believed, so the line to it is encrypted or does not leave the machine.
func issuerURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.RawQuery != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

// loopback reports whether host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// fill names the provider by its host where the file does not.
func (o OIDC) fill() OIDC {
	if u, err := url.Parse(o.Issuer); err == nil && o.Name == "" {
		o.Name = u.Hostname()
	}
	return o
}
