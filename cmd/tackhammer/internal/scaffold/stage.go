package scaffold

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// stage writes the plan into a fresh folder beside path and returns it.
func (p *Plan) stage(ctx context.Context, path string) (string, error) {
	sweep(path)
	stage := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+stageMark+rand.Text()[:8])
	err := before("mkdir the stage")
	if err == nil {
		err = os.Mkdir(stage, 0o755)
	}
	if err != nil {
		return "", kit.Errorf(kit.Invalid, "make a staging folder: %w", err)
	}
	if err := p.write(ctx, stage); err != nil {
		_ = os.RemoveAll(stage)
		return "", err
	}
	return stage, nil
}

const stageMark = ".tackhammer-"

var stageEnd = regexp.MustCompile(`^[A-Z2-7]{8}$`)

// sweep removes the staging folders of path that killed commands left beside it:
// writing an app takes seconds, and these are an hour old.
func sweep(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // the folder's own command says so
	}
	for _, e := range entries {
		end, ok := strings.CutPrefix(e.Name(), "."+filepath.Base(path)+stageMark)
		if !ok || !e.IsDir() || !stageEnd.MatchString(end) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(filepath.Join(filepath.Dir(path), e.Name())) // else the next one does
		}
	}
}
