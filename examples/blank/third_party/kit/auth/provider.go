package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tackhammer/tackhammer/kit"
)

// Provider is an OpenID provider that people may sign in by, with the
// authorization code flow of OpenID Connect Core 1.0, PKCE (RFC 7636), a state
// and a nonce. It is asked what it is when somebody first signs in, so that a
// provider that is down stops nobody else.
type Provider struct {
	// Name is what people call it. It has no default.
	Name string

	// Issuer is its address: https, or http on this machine. It has no default.
	Issuer string

	// ClientID and Secret are what the provider knows this service by.
	ClientID, Secret string

	// Domains are the domains of addresses whose owners are added when they
	// first come, with the role Role. Defaults to none: people are invited.
	Domains []string
	Role    Role

	// Client asks it. Defaults to one that waits ten seconds.
	Client *http.Client

	// Clock tells the time. Defaults to kit.Now.
	Clock kit.Clock

	known atomic.Pointer[oidc.Provider] // as it said; nil until it did
}

// Challenge is what the browser keeps while the person is at the provider.
type Challenge struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Until    time.Time `json:"until"`
}

// challengeLife is how long a person may take at the provider.
const challengeLife = 10 * time.Minute

// Identity is a person as a provider knows them.
type Identity struct {
	Issuer, Subject string
	Email, Name     string
	Verified        bool // the provider vouches for the address
}

// asking is a context in which the provider is asked by p's client.
func (p *Provider) asking(ctx context.Context) context.Context {
	client := p.Client
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	return oidc.ClientContext(ctx, client)
}

func (p *Provider) now() time.Time {
	if p.Clock == nil {
		return kit.Now()
	}
	return p.Clock()
}

// discover asks the provider what it is, until it has said so. Nobody waits for
// another's question: one that hangs would hold up all who come after.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	if known := p.known.Load(); known != nil {
		return known, nil
	}
	known, err := oidc.NewProvider(p.asking(ctx), p.Issuer)
	if err != nil {
		return nil, p.unreachable("begin with", err)
	}
	p.known.Store(known)
	return known, nil
}

func (p *Provider) unreachable(act string, cause error) error {
	return kit.Errorf(kit.Unavailable, "%s %s: %w (%v)", act, p.Name, Unreachable, cause).
		WithHint("try again in a minute, or sign in another way")
}

func (p *Provider) flow(known *oidc.Provider, back string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: known.Endpoint(), RedirectURL: back,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// Begin makes the address that a person is sent to, and the challenge that the
// answer must meet. back is where the provider sends them to. It fails with
// kit.Unavailable and Unreachable when the provider does not answer.
func (p *Provider) Begin(ctx context.Context, back string) (address string, c Challenge, err error) {
	known, err := p.discover(ctx)
	if err != nil {
		return "", c, err
	}
	c = Challenge{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Until: p.now().Add(challengeLife)}
	return p.flow(known, back).AuthCodeURL(c.State, oidc.Nonce(c.Nonce), oauth2.S256ChallengeOption(c.Verifier)), c, nil
}

// Finish reads the provider's answer, its parameters state and code, and tells
// who it is that came back. It fails with kit.Unauthorized and BadAnswer when
// the answer does not meet the challenge, was used before, is too old, or is
// for another service.
func (p *Provider) Finish(ctx context.Context, back string, c Challenge, state, code string) (Identity, error) {
	if c.State == "" || subtle.ConstantTimeCompare([]byte(c.State), []byte(state)) != 1 || !p.now().Before(c.Until) {
		return Identity{}, badAnswer("read the answer of "+p.Name, nil)
	}
	known, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	ctx = p.asking(ctx)
	token, err := p.flow(known, back).Exchange(ctx, code, oauth2.VerifierOption(c.Verifier))
	var told *oauth2.RetrieveError
	if err != nil && !errors.As(err, &told) {
		return Identity{}, p.unreachable("show the code to", err)
	}
	if err != nil {
		return Identity{}, badAnswer("show the code to "+p.Name, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := known.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return Identity{}, badAnswer("check the answer of "+p.Name, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(c.Nonce)) != 1 {
		return Identity{}, badAnswer("check the nonce of "+p.Name, nil)
	}
	return p.identity(ctx, known, token, id)
}

func badAnswer(act string, cause error) error {
	if cause == nil {
		return kit.Errorf(kit.Unauthorized, "%s: %w", act, BadAnswer).WithHint("begin again on the sign-in page")
	}
	return kit.Errorf(kit.Unauthorized, "%s: %w (%v)", act, BadAnswer, cause).WithHint("begin again on the sign-in page")
}

// claims are what is asked of a token or of the provider's user page. Some
// providers write email_verified as text.
type claims struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"`
	Name     string `json:"name"`
}

func (c claims) verified() bool { return c.Verified == true || c.Verified == "true" }

// identity reads the claims of a token; what it leaves out, the provider's user
// page tells.
func (p *Provider) identity(ctx context.Context, known *oidc.Provider, token *oauth2.Token, id *oidc.IDToken) (Identity, error) {
	var c claims
	if err := id.Claims(&c); err != nil {
		return Identity{}, badAnswer("read the token of "+p.Name, err)
	}
	if c.Email == "" && known.UserInfoEndpoint() != "" {
		info, err := known.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err == nil && info.Subject != id.Subject {
			err = kit.Errorf(kit.Unauthorized, "it is about somebody else")
		}
		if err == nil {
			c.Verified = nil // what the token says of an address that it does not have is not of the page's
			err = info.Claims(&c)
		}
		if err != nil {
			return Identity{}, badAnswer("ask "+p.Name+" for the address", err)
		}
	}
	return Identity{Issuer: id.Issuer, Subject: id.Subject, Email: c.Email, Name: c.Name, Verified: c.verified()}, nil
}

// lets reports whether people of the address's domain are added when they come.
func (p *Provider) lets(email string) bool {
	_, domain, _ := strings.Cut(email, "@")
	for _, d := range p.Domains {
		if strings.EqualFold(d, domain) {
			return true
		}
	}
	return false
}
