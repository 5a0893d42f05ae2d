package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed assets/* templates/* locales/*
var files embed.FS

// assets are the console's scripts and styles under names that carry the hash
// of their content, so that browsers may keep them for good.
type assets struct {
	names map[string]string // "console.css" -> "console.1a2b3c4d.css"
	body  map[string][]byte // by hashed name
}

func loadAssets() (*assets, error) {
	a := &assets{names: map[string]string{}, body: map[string][]byte{}}
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, "assets/"+e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(e.Name())
		hashed := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:4]) + ext
		a.names[e.Name()], a.body[hashed] = hashed, data
	}
	return a, nil
}

// styles are where the style sheets are served: the pages' at large, then each
// part's own.
func (a *assets) styles() []string {
	all := []string{a.url("console.css")}
	for _, name := range slices.Sorted(maps.Keys(a.names)) {
		if path.Ext(name) == ".css" && name != "console.css" {
			all = append(all, a.url(name))
		}
	}
	return all
}

// url is where the asset of this name is served.
func (a *assets) url(name string) string { return "/assets/" + a.names[name] }

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func (a *assets) serve(c echo.Context) error {
	data, ok := a.body[c.Param("name")]
	if !ok {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'")
	return c.Blob(http.StatusOK, assetTypes[path.Ext(c.Param("name"))], data)
}
