package console_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

func (w *world) CertifiedBars(_ context.Context, void int) (bars []review.Certified, err error) {
	for _, b := range w.bars {
		if b.VoidedAt != nil {
			if void--; void < 0 {
				continue
			}
		}
		bars = append(bars, b)
	}
	return bars, w.fail
}

// withBars adds a bar that holds and three that are void.
func (w *world) withBars() *world {
	at := w.now.Add(-240 * time.Hour)
	b := review.Certified{By: review.Holder{ID: omar.ID, Name: omar.Name}, Bar: review.Bar{ID: "b", Step: "extract", Threshold: 0.91, Error: 0.02, Confidence: 0.95,
		Labels: 255, Wrong: 1, Cases: 412, Share: 0.6189, Model: kit.ModelInfo{Name: "qwen3:4b", Digest: strings.Repeat("4f", 32), Server: "ollama 0.17.4"},
		Prompt: strings.Repeat("ab", 32), Schema: strings.Repeat("cd", 32), Calibration: strings.Repeat("ef", 32), CertifiedAt: at}}
	w.bars = append(w.bars, b)
	for _, reason := range []string{"drafts are made by another model and another server now", "another was certified in its place", "the <b>printer</b> smears"} {
		void := b
		void.VoidedAt, void.Reason = &at, reason
		w.bars = append(w.bars, void)
	}
	w.bars[3].Cases, w.bars[3].Share = 0, 0
	return w
}

func TestCertifiedBarsAreToldInWords(t *testing.T) {
	w := newWorld().withLots().withBars()
	c := serve(t, w, nil).as("tp_mei")
	lots := c.get("/lots")
	lots.has(t, 200, "At this bar 62 % of cases pass, at most 2 % wrong, 95 % sure, from 412 labels", omar.Name, "ollama 0.17.4", "qwen3:4b",
		"<code>4f4f4f4f4f4f</code>", "<code>efefefefefef</code>", "drafts are made by another model and another server now.", "another was certified in its place.",
		"the &lt;b&gt;printer", "From a confidence of 91 % on cases pass")
	c.get("/lots?lang=zh").has(t, 200, "按此标准，62% 的单据可通过，差错率不超过 2%，置信水平 95%，依据 412 份已知答案", "初稿的模型、服务器已更换。", "已认证新的标准取而代之。")
	board := c.get("/board")
	board.has(t, 200, "At this bar 62 % of cases pass", "drafts are made by another model")
	board.lacks(t, "another was certified in its place")
	serve(t, newWorld(), nil).as("tp_mei").get("/board").lacks(t, "Certified bars")
}
