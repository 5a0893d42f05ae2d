package app

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/notify"
	"github.com/tackhammer/tackhammer/kit/web/console"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// notifier is how people are told, which they are by what sends deliveries.
func (s *Service) notifier() (workflow.Notify, error) {
	if s.Stay {
		return workflow.Notify{}, nil
	}
	return notifier(s.Nail)
}

// notifier is how the nail says that people are told what waits.
func notifier(n nail.Nail) (workflow.Notify, error) {
	out := messaging(n)
	for i, name := range channelNames(n) {
		ch, err := notifyChannel(n.Notify.Channels[i], name)
		if err != nil {
			return out, err
		}
		out.Channels = append(out.Channels, ch)
	}
	return out, nil
}

// messaging is how often, and of what, the nail says that people are told.
func messaging(n nail.Nail) workflow.Notify {
	return workflow.Notify{Every: n.Notify.Every, URL: n.Notify.URL, Service: n.Title, Lang: n.Lang}
}

// channelNames are what the channels are called: by their kind, and a number
// from the second of a kind on.
func channelNames(n nail.Nail) (names []string) {
	seen := map[string]int{}
	for _, c := range n.Notify.Channels {
		name := c.Kind
		if seen[c.Kind]++; seen[c.Kind] > 1 {
			name = fmt.Sprintf("%s %d", c.Kind, seen[c.Kind])
		}
		names = append(names, name)
	}
	return names
}

func notifyChannel(c nail.Channel, name string) (workflow.NotifyChannel, error) {
	ch, err := channel(c)
	return workflow.NotifyChannel{Channel: ch, Name: name, Lang: c.Lang, Personal: c.Kind == nail.Email}, err
}

// invitations mails people their invitations.
type invitations struct {
	by      notify.Channel
	service string
	lang    string // of people for whom none was chosen
}

// mailer is how invitations reach people: by the first channel of e-mail, nil
// where there is none.
func mailer(n workflow.Notify) console.Mail {
	for _, ch := range n.Channels {
		if ch.Personal {
			return invitations{by: ch.Channel, service: n.Service, lang: cmp.Or(ch.Lang, n.Lang)}
		}
	}
	return nil
}

// Invite implements console.Mail.
func (i invitations) Invite(ctx context.Context, to auth.User, link string) error {
	return i.by.Send(ctx, notify.Message{Key: kit.NewID(), To: to.Email, Lang: cmp.Or(to.Lang, i.lang), Service: i.service, URL: link, Invite: true})
}

// channel sets one channel up, with what stands in the environment.
func channel(c nail.Channel) (notify.Channel, error) {
	set := notify.Config{Kind: c.Kind, From: c.From}
	for _, v := range []struct {
		name string
		into *string
	}{{c.URLEnv, &set.URL}, {c.SecretEnv, &set.Secret}, {c.SMTPEnv, &set.SMTP}} {
		if v.name == "" {
			continue
		}
		if *v.into = strings.TrimSpace(os.Getenv(v.name)); *v.into == "" {
			return nil, kit.Errorf(kit.Invalid, "set up messages by %s: the variable %s is empty", c.Kind, v.name).
				WithHint("set it, or take the channel out of nail.yaml")
		}
	}
	return notify.New(set)
}

// channelWords says what channels there are.
func channelWords(n workflow.Notify) string {
	if len(n.Channels) == 0 {
		return "nobody is told what waits"
	}
	var names []string
	for _, ch := range n.Channels {
		names = append(names, ch.Name)
	}
	return fmt.Sprintf("by %s, every %s, with links to %s", strings.Join(names, ", "), span(n.Every), n.URL)
}

func (c Config) notifyCommand() *cli.Command {
	return &cli.Command{
		Name: "notify", Usage: "try how people are told what waits",
		Subcommands: []*cli.Command{{
			Name: "test", Usage: "send a test message by each channel, or by one", ArgsUsage: "[CHANNEL]", Action: c.notifyTest,
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "nail", Usage: "`FILE` to configure by; nail.yaml here, else the built-in one"},
				&cli.StringFlag{Name: "to", Usage: "whom to send the e-mail, an `ADDRESS`"}},
		}},
	}
}

// notifyTest tries each channel, and says of each how it went.
func (c Config) notifyTest(cc *cli.Context) error {
	n, err := c.nail(cc.String("nail"))
	if err != nil {
		return err
	}
	names := channelNames(n)
	if len(names) == 0 {
		return kit.Errorf(kit.Invalid, "test messages: nobody is told anything yet").WithHint("write a channel under notify.channels in nail.yaml")
	}
	only := cc.Args().First()
	if only != "" && !slices.Contains(names, only) {
		return kit.Errorf(kit.Invalid, "test messages: there is no such channel").WithHint("notify.channels of nail.yaml: %s", list(names))
	}
	var failed []string
	var code kit.Code
	for i, name := range names {
		if only != "" && only != name {
			continue
		}
		if err := c.testChannel(cc.Context, messaging(n), n.Notify.Channels[i], name, cc.String("to")); err != nil {
			failed, code = append(failed, name), cmp.Or(code, kit.CodeOf(err))
			c.tellFailed(name, err)
		}
	}
	if len(failed) > 0 {
		return kit.Errorf(code, "test messages: not sent by %s", list(failed))
	}
	return nil
}

// tellFailed says why a message did not go out, and what to do.
func (c Config) tellFailed(name string, err error) {
	fmt.Fprintf(c.Err, "not sent by %s: %v\n", name, err)
	if hint := kit.HintOf(err); hint != "" {
		fmt.Fprintf(c.Err, "  hint: %s\n", hint)
	}
}

func (c Config) testChannel(ctx context.Context, set workflow.Notify, of nail.Channel, name, to string) error {
	ch, err := notifyChannel(of, name)
	if err != nil {
		return err
	}
	if ch.Personal && to == "" {
		return kit.Errorf(kit.Invalid, "test messages by %s: say to whom", ch.Name).WithHint("--to ADDRESS")
	}
	m := notify.Message{Key: kit.NewID(), Lang: cmp.Or(ch.Lang, set.Lang), Service: set.Service, URL: set.URL, Test: true}
	if ch.Personal {
		m.To = to
	}
	if err := ch.Send(ctx, m); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "sent by %s\n", ch.Name)
	return nil
}
