package console

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
)

// uploadPath takes files, the only page that does.
const uploadPath = "/upload"

// limits of one form with files.
const (
	maxFiles    = 500             // are taken
	fileTimeout = 2 * time.Minute // for each to arrive
)

// uploadView tells what became of each file.
type uploadView struct {
	Files                       []fileView
	Taken, Duplicates, Refusals int
	Over                        int // files after maxFiles, left out
}

// Most is how many files one form may bring.
func (uploadView) Most() int { return maxFiles }

// fileView is one uploaded file: taken, already there, or refused.
type fileView struct {
	Name    string
	Fate    string // taken, duplicate or refused
	CaseID  string
	Since   time.Time // when a file that is here already was brought in
	Problem string
	Hint    string
}

// upload takes files one by one as they arrive, so that it holds no more than
// one in memory. A file that is refused does not stop the others.
func (d *desk) upload(c echo.Context, v *visit) error {
	if !v.user.MaySubmit() {
		return kit.Errorf(kit.Forbidden, "upload files: %s may not submit cases", v.user.Name)
	}
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return kit.Errorf(kit.Invalid, "upload files: the form has no files")
	}
	var view uploadView
	for {
		allow(c.Response())
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return brokeOff(err)
		}
		switch {
		case part.FormName() != "file" || part.FileName() == "":
		case len(view.Files) == maxFiles:
			view.Over++
		default:
			f, err := d.take(c.Request().Context(), v, part)
			if err != nil {
				return err
			}
			view.add(f)
		}
	}
	if len(view.Files) == 0 {
		return see(c, "/inbox")
	}
	return d.show(c, v, http.StatusOK, "upload", "upload.title", view)
}

// allow gives the next file its time: the server's own is for a whole request,
// and a folder of scans takes longer. The answer has as long again, so that a
// form that broke off is still told of. A server that sets no times is let be.
func allow(w http.ResponseWriter) {
	line, now := http.NewResponseController(w), time.Now() // of the connection, so no clock of a test
	_ = line.SetReadDeadline(now.Add(fileTimeout))
	_ = line.SetWriteDeadline(now.Add(2 * fileTimeout))
}

// brokeOff is the error of a form that did not come to its end.
func brokeOff(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return kit.Errorf(kit.TooLarge, "upload files: together they are over the limit").WithHint("send fewer at a time")
	}
	return kit.Errorf(kit.Invalid, "upload files: the form broke off: %w", err)
}

func (v *uploadView) add(f fileView) {
	v.Files = append(v.Files, f)
	switch f.Fate {
	case "taken":
		v.Taken++
	case "duplicate":
		v.Duplicates++
	default:
		v.Refusals++
	}
}

// take imports one file. Only a failure that is not the file's own is an
// error.
func (d *desk) take(ctx context.Context, v *visit, part *multipart.Part) (fileView, error) {
	f := fileView{Name: part.FileName()}
	in := &bounded{r: part, left: d.MaxUpload}
	sub, err := d.Service.Import(ctx, v.user, f.Name, in, "", true)
	if in.over { // however the importer took the end of its reader
		f.Fate, f.Problem = "refused", v.tongue.T("upload.too_large", "Limit", size(d.MaxUpload))
		return f, nil
	}
	if in.broke != nil { // whatever the importer made of it
		return f, brokeOff(in.broke)
	}
	f.CaseID = sub.ID
	switch code := kit.CodeOf(err); code {
	case "":
		f.Fate = "taken"
	case kit.Duplicate:
		f.Fate, f.CaseID = "duplicate", sub.ID
		if k, err := d.Service.Case(ctx, v.user, sub.ID); err == nil { // the answer stands without it
			f.Since = k.CreatedAt
		}
	case kit.Invalid, kit.TooLarge, kit.Unsupported, kit.Unavailable:
		f.Fate, f.Problem, f.Hint = "refused", v.tongue.refusal(err.Error()), v.tongue.mend(kit.HintOf(err))
	default:
		return f, err
	}
	return f, nil
}

// bounded reads at most left bytes and fails at the next.
type bounded struct {
	r     io.Reader
	left  int64
	over  bool
	broke error // why the form ended before the file did
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		b.over = true
		return 0, kit.Errorf(kit.TooLarge, "read the file: it is over the limit")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.broke = err
	}
	return n, err
}
