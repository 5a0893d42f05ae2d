package scaffold

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// gitRef is a template in a git repository: git+URL#FOLDER@REVISION@sha256:HEX,
// where all behind the URL may be missing.
type gitRef struct {
	url    string
	folder string // "" for the whole repository
	rev    string // a commit in full, or a tag
	digest string // sha256:HEX
}

var (
	commitID = regexp.MustCompile(`^[0-9a-f]{40}$`)
	tagName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/+-]*$`)
)

func parseGitRef(ref string) (g gitRef, err error) {
	rest, digest := cutDigest(strings.TrimPrefix(ref, "git+"))
	g.digest = digest
	scheme, path, ok := strings.Cut(rest, "://")
	host, path, hasPath := strings.Cut(path, "/")
	if !ok || !hasPath || host == "" && scheme != "file" || !slices.Contains([]string{"https", "ssh", "file"}, scheme) {
		return g, kit.Errorf(kit.Invalid, "use the template %q: it is no address of a git repository", ref).
			WithHint("such as git+https://git.example.com/templates#retail@COMMIT; git+ssh and git+file are read, too")
	}
	path, g.rev, _ = strings.Cut(path, "@")
	path, g.folder, _ = strings.Cut(path, "#")
	g.url = scheme + "://" + host + "/" + path
	u, err := url.Parse(g.url)
	if err != nil {
		return g, kit.Errorf(kit.Invalid, "use the template %q: %w", ref, err)
	}
	if _, secret := u.User.Password(); secret {
		return g, kit.Errorf(kit.Invalid, "use the template at %s: its address holds a password, which every app of it would show", u.Redacted()).
			WithHint("leave it out; git asks its credential helper, and ssh its agent")
	}
	if g.folder != "" && !fs.ValidPath(g.folder) || g.rev != "" && !tagName.MatchString(g.rev) {
		return g, kit.Errorf(kit.Invalid, "use the template %q: #FOLDER is a path below the repository, @REVISION a commit or a tag", ref)
	}
	return g, nil
}

// String is the reference without the digest.
func (g gitRef) String() string {
	s := "git+" + g.url
	if g.folder != "" {
		s += "#" + g.folder
	}
	if g.rev != "" {
		s += "@" + g.rev
	}
	return s
}

// pinned reports whether what the reference names can never be something else.
func (g gitRef) pinned() bool { return commitID.MatchString(g.rev) || g.rev != "" && g.digest != "" }

// gitTemplate fetches a template, and refuses what is not pinned with the
// reference that is.
func gitTemplate(ctx context.Context, ref string) (*own, error) {
	g, err := parseGitRef(ref)
	if err != nil {
		return nil, err
	}
	commit, files, err := g.fetch(ctx)
	if err != nil {
		return nil, err
	}
	o, err := newOwn(g.String(), files)
	if err != nil {
		return nil, err
	}
	asked := g.String()
	pinned := g.pinned()
	g.rev = commit
	o.from = g.String() + "@" + o.digest
	if !pinned {
		return nil, kit.Errorf(kit.Invalid, "use the template %s: it may be another one tomorrow; name a commit, or a tag with its digest", asked).
			WithHint("today it is --template %s", o.from)
	}
	if g.digest != "" && g.digest != o.digest {
		return nil, kit.Errorf(kit.Conflict, "use the template %s: its digest is %s, and %s was asked for", asked, o.digest, g.digest).
			WithHint("whoever keeps it has moved the tag; look at what changed before you take --template %s", o.from)
	}
	return o, nil
}

// fetch brings one commit into a bare repository that is gone afterwards, and
// reads the files from git's own objects: nothing is checked out, so no hook,
// filter or link of the repository has a place to act.
func (g gitRef) fetch(ctx context.Context) (commit string, files Tree, err error) {
	if _, err := exec.LookPath("git"); err != nil {
		return "", nil, kit.Errorf(kit.Unavailable, "fetch the template %s: %w", g, err).WithHint("install git from https://git-scm.com")
	}
	dir, err := os.MkdirTemp("", "tackhammer-git-")
	if err != nil {
		return "", nil, kit.Errorf(kit.Internal, "fetch the template %s: %w", g, err)
	}
	defer os.RemoveAll(dir)
	r := repository{dir}
	if _, err := r.git(ctx, "init", "-q", "--bare", "--template="); err != nil {
		return "", nil, err
	}
	if commit, err = r.fetch(ctx, g); err != nil {
		return "", nil, err
	}
	files, err = r.files(ctx, commit, g)
	return commit, files, err
}

// repository is a bare git repository in a folder.
type repository struct{ dir string }

// fetch brings what g names, and returns its commit.
func (r repository) fetch(ctx context.Context, g gitRef) (string, error) {
	var err error
	for _, want := range g.wants() {
		args := append([]string{"fetch", "-q", "--no-tags", "--no-recurse-submodules"}, want...)
		if _, err = r.git(ctx, args...); err != nil {
			continue
		}
		rev := "FETCH_HEAD^{commit}"
		if commitID.MatchString(g.rev) {
			rev = g.rev + "^{commit}"
		}
		var commit []byte
		if commit, err = r.git(ctx, "rev-parse", "--verify", "-q", rev); err == nil {
			return strings.TrimSpace(string(commit)), nil
		}
	}
	return "", kit.Errorf(kit.Unavailable, "fetch the template %s: %w", g, err).
		WithHint("see whether the address and the revision are right: git ls-remote %s", g.url)
}

// wants are the arguments of git fetch, the least first: not every server gives
// a commit by its name.
func (g gitRef) wants() [][]string {
	switch {
	case g.rev == "":
		return [][]string{{"--depth=1", "--", g.url, "HEAD"}}
	case commitID.MatchString(g.rev):
		return [][]string{{"--depth=1", "--", g.url, g.rev}, {"--", g.url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}}
	}
	return [][]string{{"--depth=1", "--", g.url, "refs/tags/" + g.rev}}
}

// files reads the files of a commit below the template's folder.
func (r repository) files(ctx context.Context, commit string, g gitRef) (Tree, error) {
	listed, err := r.git(ctx, "ls-tree", "-r", "-z", "-l", commit+":"+g.folder)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read the template %s: %w", g, err)
	}
	b := bag{label: g.String(), files: Tree{}}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		if err := r.file(ctx, &b, line); err != nil {
			return nil, err
		}
	}
	return b.files, nil
}

// file reads one file from its line of git ls-tree: mode, type, object, size, a
// tab and the path.
func (r repository) file(ctx context.Context, b *bag, line string) error {
	about, file, _ := strings.Cut(line, "\t")
	part := strings.Fields(about)
	switch {
	case len(part) != 4:
		return nil // an empty folder
	case slices.Contains(notFiles, file[strings.LastIndexByte(file, '/')+1:]):
		return nil
	case part[0] == "120000":
		return b.refuse(file, "it is a link; a template holds files alone")
	case part[1] != "blob":
		return b.refuse(file, "it is another repository; a template holds files alone")
	}
	if err := safeName(file); err != nil {
		return kit.Errorf(kit.Invalid, "read the template %s: %w", b.label, err)
	}
	size, err := strconv.ParseInt(part[3], 10, 64)
	if err != nil {
		return b.refuse(file, "git gives no size: %w", err)
	}
	if err := b.room(file, size); err != nil {
		return err
	}
	data, err := r.git(ctx, "cat-file", "blob", part[2])
	if err != nil {
		return b.refuse(file, "%w", err)
	}
	b.files[file] = File{Mode: 0o644, Data: data}
	return nil
}

// git runs git in the repository, with the user's settings of the network and
// of credentials, and with nothing that would run a program of the repository
// or ask a question.
func (r repository) git(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", r.dir,
		"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
		"-c", "submodule.recurse=false", "-c", "protocol.file.allow=always", "-c", "credential.interactive=false"}, args...)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), ofAnotherRepository),
		"GIT_TERMINAL_PROMPT=0", "GIT_LFS_SKIP_SMUDGE=1", "GIT_ALLOW_PROTOCOL=https:ssh:file", "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_SSH_COMMAND="+cmp.Or(os.Getenv("GIT_SSH_COMMAND"), "ssh -o BatchMode=yes"), "LC_ALL=C")
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, kit.Errorf(kit.Internal, "run git %s: %w", args[0], context.Cause(ctx))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		words, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return nil, fmt.Errorf("git %s: %s", args[0], cmp.Or(words, exit.Error()))
	}
	return out, err
}

// ofAnotherRepository reports a setting by which git would work elsewhere.
func ofAnotherRepository(setting string) bool {
	name, _, _ := strings.Cut(setting, "=")
	return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_TEMPLATE_DIR", "GIT_EXTERNAL_DIFF"}, name)
}
