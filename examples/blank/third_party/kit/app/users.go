package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// linkLife is how long a sign-in link can be used.
const linkLife = 24 * time.Hour

// command is what a command does with the opened app.
type command func(ctx context.Context, cc *cli.Context, s *Service) error

// with opens the app for one command, as far as it wants it. Wrong use is told
// before anything is made.
func (c Config) with(u use, leastArgs, mostArgs int, f command) cli.ActionFunc {
	return func(cc *cli.Context) error { return c.withOptions(options(cc), u, leastArgs, mostArgs, f)(cc) }
}

// withOptions is with for options that are not the flags' alone.
func (c Config) withOptions(o Options, u use, leastArgs, mostArgs int, f command) cli.ActionFunc {
	return func(cc *cli.Context) error {
		if err := line.WantArgs(cc, leastArgs, mostArgs); err != nil {
			return err
		}
		s, err := c.open(cc.Context, o, u)
		if err != nil {
			return err
		}
		defer s.Close()
		return f(cc.Context, cc, s)
	}
}

func (c Config) userCommand() *cli.Command {
	return &cli.Command{
		Name: "user", Usage: "add, disable and delete people, and make their tokens and sign-in links",
		Subcommands: append([]*cli.Command{
			{
				Name: "add", Usage: "add a person", Action: c.userAdd,
				Flags: shared(
					&cli.StringFlag{Name: "name", Usage: "the person's `NAME`, as colleagues see it"},
					&cli.StringFlag{Name: "email", Usage: "the person's `ADDRESS`"},
					&cli.StringFlag{Name: "role", Value: "reviewer", Usage: "admin, lead, reviewer or viewer"}),
			},
			{Name: "list", Usage: "list people and services", Action: c.with(finds, 0, 0, c.userList), Flags: shared(jsonFlag())},
			{
				Name: "token", Usage: "make an API token of a person, or of a service with --service", ArgsUsage: "[EMAIL]",
				Action: c.with(finds, 0, 1, c.userToken),
				Flags: shared(
					&cli.StringFlag{Name: "service", Usage: "`NAME` of a service: it can submit and read, never decide"},
					&cli.StringFlag{Name: "expires", Usage: "`HOW LONG` it is good, a year at most, such as 30d; 90d for a person and 365d for a service otherwise"},
					&cli.BoolFlag{Name: "revoke", Usage: "end all tokens and links that there are, and make none"}),
			},
			{
				Name: "link", Usage: "make a link that signs a person in to the console once, within a day", ArgsUsage: "EMAIL",
				Action: c.with(finds, 1, 1, c.userLink),
				Flags:  shared(&cli.StringFlag{Name: "url", Value: "http://127.0.0.1:8080", Usage: "`ADDRESS` of the console"}),
			},
			{
				Name: "disable", Usage: "shut a person out at once, with their sessions and tokens", ArgsUsage: "EMAIL",
				Action: c.with(finds, 1, 1, c.turn(auth.Accounts.Disable, "out: what they decided stands, and `user enable` lets them in again")),
				Flags:  shared(),
			},
			{
				Name: "enable", Usage: "let a disabled person in again, by a new link or token", ArgsUsage: "EMAIL",
				Action: c.with(finds, 1, 1, c.turn(auth.Accounts.Enable, "in again: give them a new link or token")), Flags: shared(),
			},
		}, c.rightsCommands()...),
	}
}

func jsonFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON"} }

func (c Config) userAdd(cc *cli.Context) error {
	for _, needed := range []string{"name", "email"} {
		if cc.String(needed) == "" {
			return kit.Errorf(kit.Invalid, "user add: --%s is missing", needed).
				WithHint("user add --name NAME --email ADDRESS --role reviewer")
		}
	}
	return c.with(makes, 0, 0, func(ctx context.Context, cc *cli.Context, s *Service) error {
		u, err := s.Accounts.Add(ctx, cc.String("name"), cc.String("email"), auth.Role(cc.String("role")))
		if err != nil {
			return err
		}
		fmt.Fprintf(c.Out, "added %s <%s>, %s\n", u.Name, u.Email, u.Role)
		return nil
	})(cc)
}

func (c Config) userList(ctx context.Context, cc *cli.Context, s *Service) error {
	users, err := s.Accounts.List(ctx)
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(users)
	}
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tEMAIL\tROLE\tSINCE\tLAST SIGN-IN")
	for _, u := range users {
		role := string(u.Role)
		switch {
		case u.Deleted:
			role += ", deleted"
		case u.Disabled:
			role += ", disabled"
		}
		last, email := minute(u.SignedInAt), u.Email
		if !u.Person() {
			last = "-"
		}
		if u.Deleted {
			email = "-" // what stands there only keeps addresses apart
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", u.Name, email, role, u.CreatedAt.Local().Format("2006-01-02"), last)
	}
	return w.Flush()
}

func (c Config) userToken(ctx context.Context, cc *cli.Context, s *Service) error {
	service, person := cc.String("service"), cc.Args().First()
	if (service == "") == (person == "") {
		return kit.Errorf(kit.Invalid, "user token: name a person or a service").WithHint("user token EMAIL, or user token --service NAME")
	}
	if cc.Bool("revoke") {
		return c.revoke(ctx, s, service, person)
	}
	token, err := makeToken(ctx, s.Accounts, service, person, cc.String("expires"))
	if err != nil {
		return c.nobody(err)
	}
	fmt.Fprintln(c.Out, token)
	return nil
}

// makeToken makes a token of a service or a person.
func makeToken(ctx context.Context, a auth.Accounts, service, person, expires string) (string, error) {
	life, whose := auth.TokenLife, "a person"
	if service != "" {
		life, whose = auth.MaxTokenLife, "a service"
	}
	if expires != "" {
		var err error
		if life, err = nail.ParseAge(expires); err != nil || life <= 0 || life > auth.MaxTokenLife {
			return "", kit.Errorf(kit.Invalid, "make a token of %s: --expires %q is no time up to a year", whose, expires).WithHint("write it as 30d or 12h")
		}
	}
	if service != "" {
		return a.ServiceTokenFor(ctx, auth.System, service, "", life)
	}
	return a.TokenFor(ctx, person, life)
}

func (c Config) revoke(ctx context.Context, s *Service, service, person string) error {
	revoke, of := s.Accounts.Revoke, person
	if service != "" {
		revoke, of = s.Accounts.RevokeService, service
	}
	n, err := revoke(ctx, of)
	if err != nil {
		return c.nobody(err)
	}
	fmt.Fprintf(c.Out, "%d tokens and links of %s revoked\n", n, of)
	return nil
}

// nobody names the command that helps where someone was not found, or is shut
// out.
func (c Config) nobody(err error) error {
	if kit.CodeOf(err) == kit.Forbidden {
		return kit.Errorf(kit.Forbidden, "%w", err).WithHint("%s user enable lets them in again", c.Name)
	}
	if kit.CodeOf(err) != kit.NotFound {
		return err
	}
	return kit.Errorf(kit.NotFound, "%w", err).WithHint("%s user list shows who there is", c.Name)
}

// turn shuts a person out or lets them in again.
func (c Config) turn(f func(auth.Accounts, context.Context, string) (auth.User, error), words string) command {
	return func(ctx context.Context, cc *cli.Context, s *Service) error {
		u, err := f(s.Accounts, ctx, cc.Args().First())
		if err != nil {
			return c.nobody(err)
		}
		fmt.Fprintf(c.Out, "%s <%s> is %s\n", u.Name, u.Email, words)
		return nil
	}
}

func (c Config) userLink(ctx context.Context, cc *cli.Context, s *Service) error {
	base, err := url.Parse(cc.String("url"))
	if err != nil || base.Host == "" {
		return kit.Errorf(kit.Invalid, "user link: --url %q is no address", cc.String("url")).WithHint("for example --url https://desk.example.com")
	}
	code, err := s.Accounts.Link(ctx, cc.Args().First(), linkLife)
	if err != nil {
		return c.nobody(err)
	}
	fmt.Fprintf(c.Out, "%s/signin/link?code=%s\n", strings.TrimRight(base.String(), "/"), url.QueryEscape(code))
	return nil
}

// printJSON prints v for a program to read.
func (c Config) printJSON(v any) error {
	enc := json.NewEncoder(c.Out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
