package nail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/nail"
)

const least = "name: desk\njob: Read receipts\n"

func TestSigninIsRead(t *testing.T) {
	if n := parse(t, least); !n.Signin.Password || n.Signin.OIDC.Issuer != "" {
		t.Errorf("by itself %+v", n.Signin)
	}
	n := parse(t, least+`signin:
  password: false
  oidc: {issuer: "https://id.example.com/realms/a", client_id: desk, secret_env: OIDC_SECRET, domains: [example.com, example.cn], role: viewer}
`)
	want := nail.OIDC{Name: "id.example.com", Issuer: "https://id.example.com/realms/a", ClientID: "desk", SecretEnv: "OIDC_SECRET",
		Domains: []string{"example.com", "example.cn"}, Role: "viewer"}
	if n.Signin.Password || fmt.Sprint(n.Signin.OIDC) != fmt.Sprint(want) {
		t.Errorf("read %+v", n.Signin)
	}
	if n := parse(t, least+"signin: {oidc: {name: 'Ours', issuer: 'http://127.0.0.1:9', client_id: x}}\n"); n.Signin.OIDC.Name != "Ours" || n.Signin.OIDC.Role != "reviewer" {
		t.Errorf("read %+v", n.Signin)
	}
}

func TestSigninIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"signin: {oidc: {client_id: x}}":                                               "nail.yaml:3:16: signin.oidc.issuer is missing",
		"signin: {oidc: {issuer: 'http://id.example.com', client_id: x}}":              "nail.yaml:3:25: signin.oidc.issuer",
		"signin: {oidc: {issuer: 'http://intranet', client_id: x}}":                    "nail.yaml:3:25: signin.oidc.issuer",
		"signin: {oidc: {issuer: 'https://a.b', client_id: x, role: admin}}":           "nail.yaml:3:60: signin.oidc.role",
		"signin: {oidc: {issuer: 'https://a.b', client_id: x, domains: ['*.b', b]}}":   `signin.oidc.domains[0]: "*.b" cannot be used`,
		"signin: {oidc: {issuer: 'https://a.b', client_id: x, domains: b.com}}":        "a list of words",
		"signin: {oidc: {issuer: 'https://a.b', client_id: x, secret_env: 'se cret'}}": "signin.oidc.secret_env",
		"signin: {oidc: {issuer: 'https://a.b', client_id: x, secret: abc}}":           "unknown key",
		"signin: {password: 1}": "true or false",
	} {
		_, err := nail.Parse("nail.yaml", []byte(least+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
