package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestAddressesThatNoDatabaseTakesAreRefused(t *testing.T) {
	s := build(t, nil)
	bearer := []string{"Authorization", "Bearer " + s.token}
	for _, path := range []string{"/api/v1/cases/%00", "/api/v1/cases?after=%00", "/api/v1/cases/%ff", "/api/v1/cases?after=a%ffb",
		"/api/v1/reviews/%c3%28", "/cases/%00", "/cases?after=%00"} {
		if w := s.ask("GET", path, bearer...); w.Code != 400 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := s.ask("GET", "/api/v1/cases/%E6%94%B6", bearer...); w.Code != 404 {
		t.Errorf("a good address of nothing: %d %s", w.Code, w.Body)
	}
}

func TestAFormLeavesNoFilesBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "large")
	must(t, err)
	_, err = part.Write(make([]byte, 48<<20)) // more than the parser keeps in memory
	must(t, err)
	must(t, form.Close())
	r := httptest.NewRequest(http.MethodPost, "/signin", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	build(t, nil).ServeHTTP(w, r)
	if w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("status %d", w.Code)
	}
	left, err := os.ReadDir(os.TempDir())
	must(t, err)
	for _, f := range left {
		if strings.HasPrefix(f.Name(), "multipart-") {
			t.Errorf("%s is left", f.Name())
		}
	}
}
