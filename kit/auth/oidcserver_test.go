package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/tackhammer/tackhammer/kit"
)

// idp is a real OpenID provider at which Who is signed in already, so that it
// asks nobody. What it keeps is in memory.
type idp struct {
	op.Storage // what a code flow does not need is left out
	*httptest.Server
	key ecdsa.PrivateKey

	mu       sync.Mutex
	who      oidc.UserInfo
	back     string
	inToken  bool                         // the id token tells of the address, else the user page alone
	page     func(u *oidc.UserInfo) error // the user page, where it is another than of who
	asked    int                          // how often the user page was asked for
	requests map[string]*authRequest
	codes    map[string]string
}

// newIDP starts one that knows the clients "desk" and "other", both with the
// secret "s3cret".
func newIDP(t *testing.T) *idp {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &idp{key: *key, back: back, inToken: true, requests: map[string]*authRequest{}, codes: map[string]string{}}
	var handler http.Handler
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(p.Close)
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, CodeMethodS256: true}, p, op.StaticIssuer(p.URL), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	handler = provider
	p.is("subject-1", "mei@example.com", true)
	return p
}

// is makes somebody the one who is signed in there.
func (p *idp) is(subject, email string, verified bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.who = oidc.UserInfo{Subject: subject, UserInfoProfile: oidc.UserInfoProfile{Name: "Mei Lin"},
		UserInfoEmail: oidc.UserInfoEmail{Email: email, EmailVerified: oidc.Bool(verified)}}
}

// visit follows an address to where the provider sends the browser back to.
func (p *idp) visit(t *testing.T, address string) *http.Request {
	t.Helper()
	var back *http.Request
	c := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Query().Has("state") && r.URL.Path != "/authorize" {
			back = r
			return http.ErrUseLastResponse
		}
		return nil
	}}
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if back == nil {
		t.Fatalf("the provider answers %s and sends nobody back", res.Status)
	}
	return back
}

// authRequest is a sign-in under way.
type authRequest struct {
	oidc.AuthRequest
	id, subject string
	at          time.Time
}

func (r *authRequest) GetID() string                      { return r.id }
func (r *authRequest) GetACR() string                     { return "" }
func (r *authRequest) GetAMR() []string                   { return nil }
func (r *authRequest) GetAudience() []string              { return []string{r.ClientID} }
func (r *authRequest) GetAuthTime() time.Time             { return r.at }
func (r *authRequest) GetClientID() string                { return r.ClientID }
func (r *authRequest) GetNonce() string                   { return r.Nonce }
func (r *authRequest) GetRedirectURI() string             { return r.RedirectURI }
func (r *authRequest) GetResponseType() oidc.ResponseType { return r.ResponseType }
func (r *authRequest) GetResponseMode() oidc.ResponseMode { return r.ResponseMode }
func (r *authRequest) GetScopes() []string                { return r.Scopes }
func (r *authRequest) GetState() string                   { return r.State }
func (r *authRequest) GetSubject() string                 { return r.subject }
func (r *authRequest) Done() bool                         { return true }
func (r *authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}

func (p *idp) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made := &authRequest{AuthRequest: *r, id: kit.NewID(), subject: p.who.Subject, at: time.Now()}
	p.requests[made.id] = made
	return made, nil
}

func (p *idp) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.requests[id]
	if !ok {
		return nil, errors.New("there is no such request")
	}
	return r, nil
}

func (p *idp) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	p.mu.Lock()
	id := p.codes[code]
	p.mu.Unlock()
	return p.AuthRequestByID(ctx, id)
}

func (p *idp) SaveAuthCode(_ context.Context, id, code string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = id
	return nil
}

func (p *idp) DeleteAuthRequest(_ context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.requests, id)
	return nil
}

func (p *idp) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return kit.NewID(), time.Now().Add(time.Minute), nil
}

func (p *idp) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{p}, nil }
func (p *idp) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{signingKey{p}}}, nil
}
func (p *idp) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}
func (p *idp) Health(context.Context) error { return nil }

func (p *idp) AuthorizeClientIDSecret(_ context.Context, _, secret string) error {
	if secret != "s3cret" {
		return errors.New("the secret is wrong")
	}
	return nil
}

// SetUserinfoFromScopes tells, in the id token, what the scopes let it.
func (p *idp) SetUserinfoFromScopes(_ context.Context, u *oidc.UserInfo, _, _ string, scopes []string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	u.Subject = p.who.Subject
	if slices.Contains(scopes, oidc.ScopeProfile) {
		u.UserInfoProfile = p.who.UserInfoProfile
	}
	if slices.Contains(scopes, oidc.ScopeEmail) {
		u.UserInfoEmail = p.who.UserInfoEmail
	}
	return nil
}

// SetUserinfoFromToken is the user page.
func (p *idp) SetUserinfoFromToken(_ context.Context, u *oidc.UserInfo, _, _, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.page != nil {
		return p.page(u)
	}
	*u = p.who
	return nil
}

func (p *idp) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (p *idp) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != "desk" && id != "other" {
		return nil, errors.New("there is no such client")
	}
	return client{id, p.back, p.inToken}, nil
}

// signingKey and publicKey are the two sides of the provider's key.
type signingKey struct{ p *idp }

func (k signingKey) ID() string                                  { return "k1" }
func (k signingKey) Key() any                                    { return &k.p.key }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }

type publicKey struct{ signingKey }

func (k publicKey) Key() any                           { return &k.p.key.PublicKey }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }

// client is a service that the provider knows.
type client struct {
	id, back string
	inToken  bool
}

const back = "http://127.0.0.1/signin/oidc/callback"

func (c client) GetID() string                       { return c.id }
func (c client) RedirectURIs() []string              { return []string{c.back} }
func (c client) PostLogoutRedirectURIs() []string    { return nil }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (c client) LoginURL(id string) string            { return "/authorize/callback?id=" + id }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration       { return time.Minute }
func (c client) DevMode() bool                        { return true }
func (c client) IsScopeAllowed(string) bool           { return true }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return c.inToken }
func (c client) ClockSkew() time.Duration             { return 0 }
func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}
