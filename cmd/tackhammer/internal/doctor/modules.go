package doctor

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
)

// modules looks where the go command gets an app's modules from: its cache, in
// which case it builds with no network, or a mirror that answers.
func modules(ctx context.Context, m *machine) Finding {
	env, err := m.goEnv()
	if err != nil {
		return warn("", "not known: the go command does not tell where it looks")
	}
	have, all := cached(env["GOMODCACHE"], m.Needs.Sum)
	if all > 0 && have == all {
		return good("all %d are in the cache: an app builds with no network", all)
	}
	mirror := firstMirror(env["GOPROXY"])
	switch mirror {
	case "off":
		return unless(all > 0, "go env -w GOPROXY=https://proxy.golang.org,direct", "GOPROXY is off, and the cache has %d of %d modules", have, all)
	case "direct":
		return warn("go env -w GOPROXY=https://proxy.golang.org,direct", "GOPROXY names no mirror: %d of %d modules come from their repositories", all-have, all)
	}
	if err := m.reach(ctx, mirror); err != nil {
		return unless(all > 0, "go env -w GOPROXY="+otherMirror(mirror)+",direct",
			"%s does not answer, and the cache has %d of %d modules", shown(mirror), have, all)
	}
	return good("%s answers; the cache has %d of %d modules", shown(mirror), have, all)
}

// cached counts the modules of a go.sum, and those of them whose source the
// cache of modules holds.
func cached(cache string, sum []byte) (have, all int) {
	for line := range strings.Lines(string(sum)) {
		f := strings.Fields(line)
		if len(f) != 3 || strings.HasSuffix(f[1], "/go.mod") {
			continue
		}
		all++
		path, errP := module.EscapePath(f[0])
		version, errV := module.EscapeVersion(f[1])
		if errP != nil || errV != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(cache, "cache", "download", filepath.FromSlash(path), "@v", version+".zip")); err == nil {
			have++
		}
	}
	return have, all
}

// firstMirror is what the go command asks first.
func firstMirror(list string) string {
	mirror, _, _ := strings.Cut(strings.ReplaceAll(list, "|", ","), ",")
	return strings.TrimSpace(mirror)
}

// otherMirror is one that answers in other countries than the first.
func otherMirror(mirror string) string {
	if strings.Contains(mirror, "goproxy.cn") {
		return "https://proxy.golang.org"
	}
	return "https://goproxy.cn"
}

// reach asks a mirror whether it is there.
func (m *machine) reach(ctx context.Context, mirror string) error {
	u, err := url.Parse(mirror)
	if err != nil {
		return err
	}
	if u.Scheme == "file" {
		_, err := os.Stat(filepath.FromSlash(u.Path))
		return err
	}
	_, _, err = m.get(ctx, mirror)
	return err
}

// shown is an address without a password in it.
func shown(address string) string {
	if u, err := url.Parse(address); err == nil {
		return plain(u.Redacted())
	}
	return "the mirror of GOPROXY"
}
