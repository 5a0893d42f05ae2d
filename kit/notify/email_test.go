package notify_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/notify"
)

// mailServer is a small SMTP server (RFC 5321) with STARTTLS and AUTH PLAIN.
type mailServer struct {
	t         *testing.T
	listener  net.Listener
	tls       *tls.Config
	noTLS     bool   // it does not offer STARTTLS
	refuse    string // its answer to RCPT
	encrypted bool   // the last mail came over TLS
	user      string // who signed in
	from, to  string
	data      string
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{t: t, tls: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.listener.Close() })
	go func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.talk(conn, false)
		}
	}()
	return s
}

// trusts is the check of certificates that takes the server's.
func (s *mailServer) trusts() *tls.Config {
	pool := x509.NewCertPool()
	cert, err := x509.ParseCertificate(s.tls.Certificates[0].Certificate[0])
	if err != nil {
		s.t.Fatal(err)
	}
	pool.AddCert(cert)
	return &tls.Config{RootCAs: pool}
}

func (s *mailServer) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *mailServer) talk(conn net.Conn, encrypted bool) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(conn)
	if !encrypted {
		fmt.Fprint(conn, "220 localhost ESMTP\r\n")
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		word = strings.ToUpper(word)
		fmt.Fprint(conn, strings.Join(s.answer(word, rest, encrypted), "\r\n")+"\r\n")
		switch word {
		case "STARTTLS":
			s.talk(tls.Server(conn, s.tls), true)
			return
		case "DATA":
			s.data = readMail(in)
			fmt.Fprint(conn, "250 2.0.0 taken\r\n")
		case "QUIT":
			return
		}
	}
}

// answer is what the server says to a command.
func (s *mailServer) answer(word, rest string, encrypted bool) []string {
	switch word {
	case "EHLO":
		if encrypted {
			return []string{"250-localhost", "250-AUTH PLAIN", "250 8BITMIME"}
		}
		if s.noTLS {
			return []string{"250-localhost", "250 8BITMIME"}
		}
		return []string{"250-localhost", "250-STARTTLS", "250 8BITMIME"}
	case "STARTTLS":
		return []string{"220 go"}
	case "AUTH":
		raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
		if s.user = strings.ReplaceAll(string(raw), "\x00", ":"); s.user != ":desk:pass word" {
			return []string{"535 5.7.8 no"}
		}
		return []string{"235 2.7.0 ok"}
	case "MAIL":
		s.from, s.encrypted = rest, encrypted
	case "RCPT":
		if s.refuse != "" {
			return []string{s.refuse}
		}
		s.to = rest
	case "DATA":
		return []string{"354 go on"}
	case "QUIT":
		return []string{"221 bye"}
	}
	return []string{"250 ok"} // also NOOP and RSET
}

// readMail reads a mail up to the line with a dot.
func readMail(in *bufio.Reader) (data string) {
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return data
		}
		data += line
	}
}

func (s *mailServer) channel(address string, trusts *tls.Config) notify.Channel {
	s.t.Helper()
	ch, err := notify.New(notify.Config{Kind: nail.Email, SMTP: fmt.Sprintf(address, s.port()), From: "工单台 <desk@example.com>",
		TLS: trusts, Timeout: 5 * time.Second, Clock: func() time.Time { return noon }})
	if err != nil {
		s.t.Fatal(err)
	}
	return ch
}

func letter(lang string) notify.Message {
	m := message(lang, 1)
	m.To, m.Items[0].Name = "mei@example.com", `<img src=x onerror="x()">&`
	return m
}

func TestAnEmailIsSentOverTLS(t *testing.T) {
	s := newMailServer(t)
	for lang, want := range map[string]string{"en": "Receipts: 12 to review", "zh": "Receipts：12 件待审核"} {
		if err := s.channel("smtp://desk:pass%%20word@localhost:%d", s.trusts()).Send(t.Context(), letter(lang)); err != nil {
			t.Fatal(err)
		}
		if !s.encrypted || s.user != ":desk:pass word" || !strings.Contains(s.from, "<desk@example.com>") || !strings.Contains(s.to, "<mei@example.com>") {
			t.Errorf("it came as %+v", s)
		}
		m, err := mail.ReadMessage(strings.NewReader(s.data))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != want || m.Header.Get("Message-Id") != "<k1@example.com>" || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("headers %v, subject %q, %v", m.Header, subject, err)
		}
		text, html := parts(t, m)
		if !strings.Contains(text, `<img src=x onerror="x()">&`) || !strings.Contains(text, "https://desk.example/inbox") {
			t.Errorf("text: %s", text)
		}
		if !strings.Contains(html, `&lt;img src=x onerror=&#34;x()&#34;&gt;&amp;`) || strings.Contains(html, "<img") || !strings.Contains(html, `href="https://desk.example/inbox"`) {
			t.Errorf("HTML: %s", html)
		}
	}
}

// parts are the text and the HTML of a mail.
func parts(t *testing.T, m *mail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("it is %s, %v", kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return text, html
		}
		raw, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			html = string(raw)
		} else {
			text = string(raw)
		}
	}
}

func TestMailServersThatRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		refuse, address string
		trusts          bool
		code            kit.Code
	}{
		"no such person":        {"550 5.1.1 no such person", "smtp://localhost:%d", true, kit.Invalid},
		"try later":             {"451 4.7.1 greylisted", "smtp://localhost:%d", true, kit.Unavailable},
		"a strange certificate": {"", "smtp://localhost:%d", false, kit.Unavailable},
		"a wrong password":      {"", "smtp://desk:WRONG@localhost:%d", true, kit.Unavailable},
	} {
		s := newMailServer(t)
		s.refuse = c.refuse
		trusts := s.trusts()
		if !c.trusts {
			trusts = nil
		}
		err := s.channel(c.address, trusts).Send(t.Context(), letter("en"))
		if kit.CodeOf(err) != c.code || strings.Contains(err.Error(), "WRONG") || s.data != "" {
			t.Errorf("%s: %v (%s)", name, err, kit.CodeOf(err))
		}
	}
}

// In the open, only on this machine or a private network.
func TestMailWithoutTLS(t *testing.T) {
	s := newMailServer(t)
	s.noTLS = true
	if err := s.channel("smtp://127.0.0.1:%d", nil).Send(t.Context(), letter("en")); err != nil || s.encrypted || s.data == "" {
		t.Errorf("on this machine: %v", err)
	}
	if err := s.channel("smtp://desk:WRONG@127.0.0.1:%d", nil).Send(t.Context(), letter("en")); kit.CodeOf(err) != kit.Unavailable || s.user != "" {
		t.Errorf("a password in the open: %v, %q", err, s.user)
	}
}

func TestAnInvitationIsMailed(t *testing.T) {
	s := newMailServer(t)
	for lang, want := range map[string]string{"en": "you are invited to review", "zh": "邀请您参与审核"} {
		invitation := notify.Message{Key: "k2", To: "mei@example.com", Lang: lang, Service: "Receipts", URL: "https://desk.example/signin/link?invited=1&code=tl_x", Invite: true}
		if err := s.channel("smtp://desk:pass%%20word@localhost:%d", s.trusts()).Send(t.Context(), invitation); err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(s.data))
		if err != nil {
			t.Fatal(err)
		}
		subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		text, html := parts(t, m)
		if !strings.Contains(subject, want) || !strings.Contains(text, invitation.URL) || !strings.Contains(html, `href="https://desk.example/signin/link?invited=1&amp;code=tl_x"`) {
			t.Errorf("%s\n%s\n%s", subject, text, html)
		}
	}
}
