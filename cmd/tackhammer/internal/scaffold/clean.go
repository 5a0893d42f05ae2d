package scaffold

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// Unclean lists, sorted, what git could not bring back in the app in dir: files
// that are changed and not committed, and untracked ones where changes write.
// Kept is false where no git keeps the folder.
func Unclean(ctx context.Context, dir string, changes []Change) (files []string, kept bool, err error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, false, nil
	}
	prefix, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		if strings.Contains(err.Error(), "not a git repository") {
			return nil, false, nil
		}
		return nil, false, err
	}
	if _, err := git(ctx, dir, "check-ignore", "-q", "."); err == nil {
		return nil, false, nil
	}
	status, err := git(ctx, dir, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ".")
	if err != nil {
		return nil, false, err
	}
	written := map[string]bool{}
	for _, e := range edits(changes) {
		written[e.path] = true
	}
	for _, s := range statuses(status) {
		path := strings.TrimPrefix(s.path, strings.TrimRight(prefix, "\r\n"))
		if s.code != "??" || written[path] {
			files = append(files, path)
		}
	}
	slices.Sort(files)
	return files, true, nil
}

// fileStatus is what git says of a file: two letters, and the path from the top
// of the repository.
type fileStatus struct{ code, path string }

// statuses reads `git status --porcelain=v1 -z`. Behind a renamed or copied file
// stands the name that it had.
func statuses(out string) (all []fileStatus) {
	parts := strings.Split(out, "\x00")
	for i := 0; i < len(parts); i++ {
		if len(parts[i]) < 4 {
			continue
		}
		s := fileStatus{code: parts[i][:2], path: parts[i][3:]}
		all = append(all, s)
		if strings.ContainsAny(s.code, "RC") {
			i++
		}
	}
	return all
}

// git runs a git command in dir that changes nothing, and returns what it
// prints.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", kit.Errorf(kit.Internal, "run git %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	if err != nil {
		return "", kit.Errorf(kit.Internal, "run git %s: %w", args[0], err)
	}
	return string(out), nil
}
