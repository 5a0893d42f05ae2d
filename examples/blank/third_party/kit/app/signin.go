package app

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// provider is the one that nail.yaml lets people sign in by, or nil. It is not
// asked anything yet.
func provider(o nail.OIDC) (*auth.Provider, error) {
	if o.Issuer == "" {
		return nil, nil
	}
	p := &auth.Provider{Name: o.Name, Issuer: o.Issuer, ClientID: o.ClientID, Domains: o.Domains, Role: auth.Role(o.Role)}
	if o.SecretEnv == "" {
		return p, nil
	}
	if p.Secret = os.Getenv(o.SecretEnv); p.Secret == "" {
		return nil, kit.Errorf(kit.Invalid, "set up the sign-in by %s: the variable %s is empty", o.Name, o.SecretEnv).
			WithHint("set it to the secret that the provider gave this service")
	}
	return p, nil
}

// waysIn says how people sign in, with a provider; nil is one that lacks its
// secret.
func waysIn(password bool, p *auth.Provider) string {
	if p == nil {
		return ""
	}
	ways := "links"
	if password {
		ways += ", passwords"
	}
	ways += ", " + p.Name
	if len(p.Domains) > 0 {
		ways += ", which adds people of " + strings.Join(p.Domains, " and ") + " as " + string(p.Role)
	}
	return ways
}

// rightsCommands are what a person may do, where they are signed in, and their end.
func (c Config) rightsCommands() []*cli.Command {
	return []*cli.Command{
		{
			Name: "role", Usage: "change what a person may do, at once", ArgsUsage: "EMAIL ROLE",
			Action: c.with(finds, 2, 2, c.userRole), Flags: shared(),
		},
		{
			Name: "sessions", Usage: "list the browsers in which a person is signed in, or end them", ArgsUsage: "EMAIL",
			Action: c.with(finds, 1, 1, c.userSessions),
			Flags:  shared(&cli.BoolFlag{Name: "end", Usage: "end them all"}, jsonFlag()),
		},
		{
			Name: "delete", Usage: "take a person's name and address away for good; their decisions stay under a pseudonym", ArgsUsage: "EMAIL",
			Action: c.with(finds, 1, 1, c.userDelete),
			Flags:  shared(&cli.BoolFlag{Name: "yes", Usage: "yes, though it cannot be undone"}),
		},
	}
}

// person finds one by the address that a command names first.
func (c Config) person(ctx context.Context, cc *cli.Context, s *Service) (auth.User, error) {
	u, err := s.Accounts.ByEmail(ctx, cc.Args().First())
	return u, c.nobody(err)
}

func (c Config) userRole(ctx context.Context, cc *cli.Context, s *Service) error {
	u, err := c.person(ctx, cc, s)
	if err != nil {
		return err
	}
	if u, err = s.Accounts.SetRole(ctx, auth.System, u.ID, auth.Role(cc.Args().Get(1))); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%s <%s> is %s now\n", u.Name, u.Email, u.Role)
	return nil
}

func (c Config) userDelete(ctx context.Context, cc *cli.Context, s *Service) error {
	u, err := c.person(ctx, cc, s)
	if err != nil {
		return err
	}
	if !cc.Bool("yes") {
		return kit.Errorf(kit.Invalid, "delete %s <%s>: this cannot be undone", u.Name, u.Email).WithHint("add --yes, or shut them out with user disable")
	}
	after, err := s.Accounts.Delete(ctx, auth.System, u.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%s <%s> is deleted; what they decided stands under the name %s\n", u.Name, u.Email, after.Name)
	return nil
}

func (c Config) userSessions(ctx context.Context, cc *cli.Context, s *Service) error {
	u, err := c.person(ctx, cc, s)
	if err != nil {
		return err
	}
	if cc.Bool("end") {
		n, err := s.Accounts.EndSessions(ctx, auth.System, u.ID, "")
		if err == nil {
			fmt.Fprintf(c.Out, "%s of %s ended\n", count(int(n), "session"), u.Email)
		}
		return err
	}
	all, err := s.Accounts.SessionsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(all)
	}
	if len(all) == 0 {
		fmt.Fprintf(c.Out, "%s has no session\n", u.Email)
		return nil
	}
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SIGNED IN\tLAST USED\tADDRESS\tBROWSER")
	for _, one := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", minute(one.CreatedAt), minute(one.SeenAt), one.Address, browserOf(one))
	}
	return w.Flush()
}

// browserOf names a session's browser as people do: "Chrome on Windows".
func browserOf(s auth.Session) string {
	browser, system := s.Browser()
	if system != "" {
		return browser + " on " + system
	}
	return cmp.Or(browser, "unknown")
}

// minute is a time as the commands show it; "never" for none.
func minute(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.Local().Format("2006-01-02 15:04")
}
