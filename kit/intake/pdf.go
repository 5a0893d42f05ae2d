package intake

import (
	"context"

	"github.com/tackhammer/tackhammer/kit"
)

func (f *file) pdf(ctx context.Context) (kit.Document, error) {
	return kit.Document{}, f.errorf(kit.Unsupported, "PDF is not read here").WithHint(readable)
}

func (f *file) picture(ctx context.Context, kind string) (kit.Document, error) {
	return kit.Document{}, f.errorf(kit.Unsupported, "pictures are not read here").WithHint(readable)
}
