package notify

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// email sends by SMTP (RFC 5321), with STARTTLS (RFC 3207) or TLS from the
// start: a part of plain text and one of HTML.
type email struct {
	Config
	from    *mail.Address
	host    string
	options []gomail.Option
}

func newEmail(c Config) (*email, error) {
	u, err := url.Parse(c.SMTP)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, kit.Errorf(kit.Invalid, "set up messages by e-mail: the mail server is no smtp:// or smtps:// address").
			WithHint("write smtp://USER:PASSWORD@HOST:587")
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "set up messages by e-mail: the sender %q is no address", c.From).
			WithHint("write it as desk@example.com")
	}
	e := &email{Config: c, from: from, host: u.Hostname()}
	e.options = append(e.security(u), gomail.WithTimeout(c.Timeout))
	if port, err := strconv.Atoi(u.Port()); err == nil {
		e.options = append(e.options, gomail.WithPort(port))
	} else if u.Scheme == "smtp" {
		e.options = append(e.options, gomail.WithPort(gomail.DefaultPortTLS)) // 587, submission (RFC 6409)
	}
	if c.TLS != nil {
		own := c.TLS.Clone()
		own.ServerName = u.Hostname()
		e.options = append(e.options, gomail.WithTLSConfig(own))
	}
	if password, ok := u.User.Password(); ok {
		e.options = append(e.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return e, nil
}

// security is how the line is kept secret: in the open, on a private network
// alone.
func (e *email) security(u *url.URL) []gomail.Option {
	switch {
	case u.Scheme == "smtps":
		return []gomail.Option{gomail.WithSSLPort(false)}
	case nail.SafeURL("http://" + u.Host):
		return []gomail.Option{gomail.WithTLSPolicy(gomail.TLSOpportunistic)}
	}
	return []gomail.Option{gomail.WithTLSPolicy(gomail.TLSMandatory)}
}

// Send sends one message to its reader. The same message has the same
// Message-ID, so that mail programs show it once.
func (e *email) Send(ctx context.Context, m Message) error {
	msg, err := e.compose(m)
	if err != nil {
		return kit.Errorf(kit.Invalid, "write an e-mail: %w", err)
	}
	client, err := gomail.NewClient(e.host, e.options...)
	if err != nil {
		return kit.Errorf(kit.Invalid, "send an e-mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		code := kit.Unavailable
		var refused *gomail.SendError
		if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
			code = kit.Invalid
		}
		return kit.Errorf(code, "send an e-mail by %s: %w", e.host, err)
	}
	return nil
}

func (e *email) compose(m Message) (*gomail.Msg, error) {
	p := m.page()
	html, err := htmlPage(p, m.lang())
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(e.from)
	if err := msg.To(m.To); err != nil {
		return nil, err
	}
	msg.Subject(p.title)
	msg.SetDateWithValue(e.Clock())
	_, domain, _ := strings.Cut(e.from.Address, "@")
	msg.SetMessageIDWithValue(m.Key + "@" + domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	msg.SetBodyString(gomail.TypeTextPlain, textPage(p))
	msg.AddAlternativeString(gomail.TypeTextHTML, html)
	return msg, nil
}

// textPage is a page in plain text.
func textPage(p page) string {
	lines := append([]string{p.title, ""}, p.lines...)
	for _, it := range p.items {
		lines = append(lines, "- "+it.what+": "+it.name, "  "+it.url)
	}
	if p.more != "" {
		lines = append(lines, p.more)
	}
	return strings.Join(append(lines, "", p.open+":", p.url, "", p.foot, ""), "\n")
}

var htmlTemplate = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body style="font-family:system-ui,sans-serif;line-height:1.5">
<h1 style="font-size:1.2em">{{.Title}}</h1>
{{range .Lines}}<p>{{.}}</p>
{{end}}{{if .Items}}<ul>{{range .Items}}<li>{{.What}}: <a href="{{.URL}}">{{.Name}}</a></li>{{end}}</ul>
{{end}}{{if .More}}<p>{{.More}}</p>
{{end}}<p><a href="{{.URL}}">{{.Open}}</a></p>
<p style="color:#555">{{.Foot}}</p>
</body></html>
`))

// htmlPage is a page in HTML, in which all that is said is escaped.
func htmlPage(p page, lang string) (string, error) {
	type item struct{ What, Name, URL string }
	var items []item
	for _, it := range p.items {
		items = append(items, item{it.what, it.name, it.url})
	}
	var out bytes.Buffer
	err := htmlTemplate.Execute(&out, map[string]any{"Lang": lang, "Title": p.title, "Lines": p.lines, "Items": items,
		"More": p.more, "URL": p.url, "Open": p.open, "Foot": p.foot})
	return out.String(), err
}
