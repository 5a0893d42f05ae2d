package console_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/web/console"
)

// counted counts what is read of a body.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestThePageToUploadOnNamesTheKindsOfTheAppsOwn(t *testing.T) {
	c := serve(t, newWorld(), func(cfg *console.Config) { cfg.Kinds = []string{".eml", ".msg"} }).as("tp_mei")
	c.get("/inbox").has(t, 200, "several at once. Also .eml, .msg.")
	c.get("/inbox?lang=zh").has(t, 200, "可多选。另支持 .eml、.msg。")
	serve(t, newWorld(), nil).as("tp_mei").get("/inbox").lacks(t, "Also .")
}

// filesForm is a form of so many files, each of so many bytes.
func filesForm(files, size int) (body *bytes.Buffer, kind string) {
	body = &bytes.Buffer{}
	m := multipart.NewWriter(body)
	for i := range files {
		part, _ := m.CreateFormFile("file", fmt.Sprintf("f%03d.txt", i))
		_, _ = fmt.Fprintf(part, "%03d%s", i, strings.Repeat("x", size))
	}
	m.Close()
	return body, m.FormDataContentType()
}

func TestBeforeSignInNoFilesAreRead(t *testing.T) {
	e, w := echo.New(), newWorld()
	if err := console.Register(e, console.Config{Service: w, Accounts: w, Sessions: memstore.NewWithCleanupInterval(0)}); err != nil {
		t.Fatal(err)
	}
	_, multi := filesForm(0, 0)
	for _, k := range []struct {
		path, kind string
		status     int
	}{
		{"/upload", multi, 303}, {"/upload", "application/x-www-form-urlencoded", 303}, {"/upload", "", 303},
		{"/signin", multi, 415}, {"/signin/link", multi, 415}, {"/settings", strings.ToUpper(multi[:5]) + multi[5:], 415},
		{"/reviews/x/decide", multi, 415}, {"/nowhere", multi, 415},
	} {
		body, _ := filesForm(1, 5<<20)
		read := &counted{r: body}
		r := httptest.NewRequest("POST", k.path, read)
		r.Header.Set("Content-Type", k.kind)
		a := httptest.NewRecorder()
		e.ServeHTTP(a, r)
		if a.Code != k.status || read.n > 0 {
			t.Errorf("%s %q: %d with %d bytes read, want %d", k.path, k.kind, a.Code, read.n, k.status)
		}
	}
}

func TestFilesOverTheMostAreTold(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil).as("tp_mei")
	send := func(n int, lang string) answer {
		body, kind := filesForm(n, 8)
		r, _ := http.NewRequest("POST", c.base+"/upload?lang="+lang, body)
		r.Header.Set("Content-Type", kind)
		return c.do(r)
	}
	send(503, "en").has(t, 200, "500 taken, 0 here already", "3 more files were left out", "at most 500")
	if len(w.imports) != 500 {
		t.Errorf("%d files were imported", len(w.imports))
	}
	send(501, "en").has(t, 200, "1 more file was left out")
	send(501, "zh").has(t, 200, "另有 1 份文件未导入", "500")
	send(500, "en").lacks(t, "left out")
}

// impatient serves w by a server whose own time for a request is short.
func impatient(t *testing.T, w *world, patience time.Duration) *client {
	t.Helper()
	e := echo.New()
	if err := console.Register(e, console.Config{Service: w, Accounts: w, Sessions: memstore.NewWithCleanupInterval(0)}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(e)
	server.Config.ReadTimeout, server.Config.WriteTimeout = patience, patience
	server.Start()
	t.Cleanup(server.Close)
	return &client{t: t, w: w, base: server.URL, http: newBrowser()}
}

func TestASlowUploadHasTimeForEachFile(t *testing.T) {
	const patience = time.Second
	c := impatient(t, newWorld(), patience).as("tp_mei")
	body, feed := io.Pipe()
	m := multipart.NewWriter(feed)
	go func() {
		for i := range 3 {
			part, _ := m.CreateFormFile("file", fmt.Sprintf("f%d.txt", i))
			time.Sleep(patience / 2)
			_, _ = fmt.Fprintf(part, "file %d", i)
		}
		feed.CloseWithError(m.Close())
	}()
	r, _ := http.NewRequest("POST", c.base+"/upload", body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	c.do(r).has(t, 200, "3 taken")
}

func TestAFormThatBreaksOffIsNoDefect(t *testing.T) {
	c := serve(t, newWorld(), nil).as("tp_mei")
	body, kind := filesForm(1, 1000)
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r, _ := http.NewRequest("POST", c.base+"/upload", io.MultiReader(bytes.NewReader(body.Bytes()[:500]), broken{}))
	r.Header.Set("Content-Type", kind)
	r.ContentLength = int64(body.Len())
	for _, k := range c.http.Jar.Cookies(r.URL) {
		r.AddCookie(k)
	}
	_ = r.Write(conn) // it breaks off, as it should
	_ = conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 422") || !strings.Contains(string(answer), "the form broke off") || strings.Contains(c.log.String(), "ERROR") {
		t.Errorf("%v: %.300s\nlog %s", err, answer, c.log)
	}
}

// broken is a line that went dead.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line is dead") }
