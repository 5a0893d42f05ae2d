package console

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// maxForm bounds the body of a form without files, in bytes.
const maxForm = 4 << 20

// visit is one request of a person.
type visit struct {
	user   auth.User // zero on the pages before sign-in
	tongue *tongue
}

type handler func(c echo.Context, v *visit) error

// page serves h to people who are signed in; others are asked to sign in.
func (d *desk) page(e *echo.Echo, method, path string, h handler) {
	d.open(e, method, path, func(c echo.Context, v *visit) error {
		user, err := d.who(c)
		if err != nil {
			return err
		}
		if user == nil {
			return d.askSignIn(c, v)
		}
		v.user = *user
		return h(c, v)
	})
}

// open serves h to anybody, behind the guards that every page has.
func (d *desk) open(e *echo.Echo, method, path string, h handler) {
	e.Add(method, path, func(c echo.Context) error {
		v := &visit{tongue: d.tongueOf(c.Request())}
		c.Set("begun", d.Clock())
		if err := d.guard(c); err != nil {
			return d.fail(c, v, err)
		}
		if err := h(c, v); err != nil {
			return d.fail(c, v, err)
		}
		return nil
	}, echo.WrapMiddleware(d.sessions.LoadAndSave))
}

// policy is the Content-Security-Policy of pages: their own files and nothing
// else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard sets the headers of a page, refuses forms that another site posts, and
// bounds what is read.
func (d *desk) guard(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Cookie, Accept-Language")
	r := c.Request()
	if err := d.cross.Check(r); err != nil {
		return kit.Errorf(kit.Forbidden, "%s %s: the form was sent from another site", r.Method, r.URL.Path)
	}
	if r.Method != http.MethodPost || r.URL.Path == uploadPath {
		return nil // files are read by upload itself, from people who may send them
	}
	return readForm(c.Response(), r)
}

// readForm reads a form without files. One with files is refused unread: it
// would be kept on the disk, for anybody who sends it.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)); strings.HasPrefix(kind, "multipart/") {
		return kit.Errorf(kit.Unsupported, "read the form: %s takes no files", r.URL.Path)
	}
	if err := r.ParseForm(); err != nil {
		return kit.Errorf(kit.TooLarge, "read the form: %w", err)
	}
	return nil
}

// askSignIn sends to the sign-in page and remembers where the person wanted to
// go. A form cannot be sent again after signing in, so its page is where the
// person lands.
func (d *desk) askSignIn(c echo.Context, v *visit) error {
	if strings.Contains(c.Request().Header.Get("Accept"), "application/json") {
		return c.JSON(http.StatusUnauthorized, map[string]string{"message": v.tongue.T("error.unauthorized")})
	}
	return see(c, "/signin?next="+url.QueryEscape(local(c.Request().URL.RequestURI())))
}

// local keeps an address that leads to a page of this console, and turns any
// other into "/".
func local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}
