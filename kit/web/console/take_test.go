package console

import (
	"context"
	"io"
	"mime/multipart"
	"os"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// importer is a service that reads files and wraps what fails as its own.
type importer struct{ Service }

func (importer) Import(_ context.Context, _ auth.User, name string, r io.Reader, _ string, _ bool) (workflow.Submitted, error) {
	if _, err := io.ReadAll(r); err != nil {
		return workflow.Submitted{}, kit.Errorf(kit.Internal, "read %s: %w", name, err)
	}
	return workflow.Submitted{ID: "c1"}, nil
}

// dead is a connection whose time is up.
type dead struct{}

func (dead) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestATimeoutIsTheFormBreakingOff(t *testing.T) {
	head := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf of"
	part, err := multipart.NewReader(io.MultiReader(strings.NewReader(head), dead{}), "b").NextPart()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{Config: Config{Service: importer{}, MaxUpload: 100}}
	_, err = d.take(t.Context(), &visit{}, part)
	if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("%s: %v", kit.CodeOf(err), err)
	}
}
