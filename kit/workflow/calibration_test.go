package workflow_test

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// served is a model behind a server, either of which can change at any time.
type served struct {
	model.Provider
	mu     sync.Mutex
	info   kit.ModelInfo
	prompt string
}

func (p *served) change(f func(*served)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}

func (p *served) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	r, err := p.Provider.Generate(ctx, req)
	p.mu.Lock()
	defer p.mu.Unlock()
	r.Model, r.Prompt = p.info, p.prompt
	return r, err
}

// calibrating starts a service whose drafts are calibrated by its database.
func calibrating(t *testing.T, db *store.DB, size int) (*lots, *served) {
	t.Helper()
	p := &served{Provider: baseline.New("rules", "v1", sureOf), info: kit.ModelInfo{Name: "small", Digest: "d1", Server: "ollama 1"}, prompt: "p1"}
	w, in := workflow.New[note]("notes")
	d := workflow.Draft(in, "extract", model.Extract[note, label](workflow.Calibrated(p, db), "extract"))
	workflow.Deliver(workflow.Review(d, "check", small(size)), "export", value)
	s := start(t, db, func(c *workflow.Config) { c.Workflow, c.Model = w, p })
	lead, err := s.accounts.Add(t.Context(), "Lea", "lea@example.com", "lead")
	if err != nil {
		t.Fatal(err)
	}
	return &lots{service: s, lead: lead, flow: w}, p
}

// fit is what the service's drafts are of.
func (s *lots) fit() model.Fit {
	s.t.Helper()
	d, err := s.flow.FirstDraft(s.t.Context(), json.RawMessage(`{"text":"Sure 7"}`))
	if err != nil {
		s.t.Fatal(err)
	}
	return model.Fit{Step: "extract", Digest: d.Model.Digest, Prompt: d.Prompt, Schema: s.flow.FirstSchema().Hash(), Server: d.Model.Server}
}

// flat is a calibration by which each field has the same confidence.
func (s *lots) flat(p float64) model.Calibration {
	return model.Calibration{Version: model.CalibrationVersion, For: s.fit(), Labels: 50,
		Pooled: model.Curve{Bias: math.Log(p / (1 - p)), Weights: make([]float64, len(model.Features(kit.Field{}))), Labels: 50}}
}

// calibrate stores a calibration, and a bar by it.
func (s *lots) calibrated(p float64) (model.Calibration, review.Bar) {
	s.t.Helper()
	c := s.flat(p)
	if _, err := s.Calibrate(s.t.Context(), s.lead, "small", c); err != nil {
		s.t.Fatal(err)
	}
	b, err := s.Certify(s.t.Context(), s.lead, review.Bar{Step: "extract", Threshold: 0.9, Error: 0.05, Confidence: 0.95, Labels: 60, Cases: 100, Share: 0.6,
		Model: kit.ModelInfo{Name: "small", Digest: c.For.Digest, Server: c.For.Server}, Prompt: c.For.Prompt, Schema: c.For.Schema, Calibration: c.Hash()})
	if err != nil {
		s.t.Fatal(err)
	}
	return c, b
}

func TestDraftsAreCalibratedByWhatIsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, _ := calibrating(t, db, 100)
		before := s.submit("One two")
		raw := s.reviewing(before).Draft
		if raw.Calibration != "" || raw.Model.Server != "ollama 1" || raw.Fields[0].Confidence != 0.9 {
			t.Errorf("without a calibration: %+v", raw)
		}
		c := s.flat(0.8)
		made, err := s.Calibrate(t.Context(), s.lead, "small", c)
		if err != nil || made.Hash != c.Hash() {
			t.Fatalf("%+v, %v", made, err)
		}
		id := s.submit("Three four")
		d := s.reviewing(id).Draft
		if d.Calibration != c.Hash() || math.Abs(d.Fields[0].Confidence-0.8) > 1e-9 || d.Fields[0].Signs.Raw != 0.9 {
			t.Errorf("calibrated: %+v", d)
		}
		again, err := s.Calibrate(t.Context(), s.lead, "small", c)
		if err != nil || again.ID != made.ID || s.count(`SELECT COUNT(*) FROM calibrations`) != 1 {
			t.Errorf("the same one again: %+v, %v", again, err)
		}
		if _, err := s.Calibrate(t.Context(), s.lead, "small", s.flat(0.7)); err != nil {
			t.Fatal(err)
		}
		s.good()
		s.mustDecide(s.ann, s.claimOf(s.ann, id), kit.Approve, "") // what was seen stands
		got := s.reaches(id, kit.Delivered)
		if m := got.Delivery.Receipt.Model; m.Server != "ollama 1" || m.Digest != "d1" {
			t.Errorf("the receipt says %+v", m)
		}
		s.good()
	})
}

func TestABarIsVoidAsSoonAsOneThingChanges(t *testing.T) {
	for part, change := range map[string]func(*lots, *served){
		"model":       func(_ *lots, p *served) { p.change(func(p *served) { p.info.Digest = "d2" }) },
		"prompt":      func(_ *lots, p *served) { p.change(func(p *served) { p.prompt = "p2" }) },
		"server":      func(_ *lots, p *served) { p.change(func(p *served) { p.info.Server = "ollama 2" }) },
		"calibration": func(s *lots, _ *served) { s.calibratedOnly(0.97) },
		"schema":      func(s *lots, _ *served) { s.otherSchema() },
	} {
		t.Run(part, func(t *testing.T) {
			s, p := calibrating(t, storetest.SQLite(t), 100)
			c, b := s.calibrated(0.95)
			s.sure(2)
			s.eventually("a lot of 2", func() bool { p, _ := s.Lots(t.Context(), "", 0); return len(p.Items) == 1 && p.Items[0].Size == 2 })
			change(s, p)
			s.submit("Sure 17\nof 7")
			s.until(review.VoidLot)
			s.eventually("three cases to wait", func() bool { return len(s.waiting()) == 3 })
			if l := s.only(); l.Bar.ID != b.ID || l.Bar.VoidedAt == nil || !strings.HasSuffix(l.Bar.Reason, "another "+part+" now") {
				t.Errorf("the bar of %.8s: %+v", c.Hash(), l.Bar)
			}
			if part != "schema" {
				s.good()
			}
		})
	}
}

func (s *lots) calibratedOnly(p float64) {
	s.t.Helper()
	if _, err := s.Calibrate(s.t.Context(), s.lead, "small", s.flat(p)); err != nil {
		s.t.Fatal(err)
	}
}

// otherSchema makes the bar one of an older schema, as after an upgrade of the
// program; what the trail says of it is another matter here.
func (s *lots) otherSchema() {
	s.t.Helper()
	s.unguarded(`UPDATE bars SET schema_hash = 'older'`, func(bun.Tx) error { return nil })
}

func TestCalibrateRefusesWhoMayNotAndWhatIsNone(t *testing.T) {
	s, _ := calibrating(t, storetest.SQLite(t), 100)
	c := s.flat(0.9)
	_, err := s.Calibrate(t.Context(), s.ann, "small", c)
	wantCode(t, err, kit.Forbidden)
	none, other, strange := c, c, c
	none.Labels = 0
	_, err = s.Calibrate(t.Context(), s.lead, "small", none)
	wantCode(t, err, kit.Invalid)
	other.For.Step = "check"
	_, err = s.Calibrate(t.Context(), s.lead, "small", other)
	wantCode(t, err, kit.NotFound)
	strange.Version = 99
	_, err = s.Calibrate(t.Context(), s.lead, "small", strange)
	wantCode(t, err, kit.Invalid)
	b := review.Bar{Step: "extract", Threshold: 0.9, Error: 0.05, Confidence: 0.95, Labels: 60, Model: kit.ModelInfo{Digest: "d1", Server: "ollama 1"},
		Prompt: "p1", Schema: c.For.Schema, Calibration: c.Hash()}
	_, err = s.Certify(t.Context(), s.lead, b)
	wantCode(t, err, kit.NotFound)
	b.Calibration, b.Cases, b.Share = "", 10, 0.5
	_, err = s.Certify(t.Context(), s.lead, b)
	wantCode(t, err, kit.Invalid)
}

func TestCompareNamesForgedCalibrations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, _ := calibrating(t, db, 100)
		old := s.calibratedID(0.8)
		_, bar := s.calibrated(0.95)
		s.sure(1)
		s.eventually("a lot", func() bool { p, _ := s.Lots(t.Context(), "", 0); return len(p.Items) == 1 })
		s.good()
		now := s.calibratedID(0.95)
		is := "calibration " + now + ": it is not as it was made"
		for _, c := range [][2]string{
			{is, `UPDATE calibrations SET body = REPLACE(body, '"labels":50', '"labels":51') WHERE id = '` + now + `'`},
			{is, `UPDATE calibrations SET hash = 'x' WHERE id = '` + now + `'`},
			{is, `UPDATE calibrations SET server = 'x' WHERE id = '` + now + `'`},
			{is, `UPDATE calibrations SET labels = 5000 WHERE id = '` + now + `'`},
			{is, `UPDATE calibrations SET made_by = '` + s.ann.ID + `' WHERE id = '` + now + `'`},
			{"calibration " + old + ": whether it has ended", `UPDATE calibrations SET ended_at = 9 WHERE id = '` + old + `'`},
			{"calibration " + now + ": whether it has ended", `UPDATE calibrations SET ended_at = 9 WHERE id = '` + now + `'`},
			{"calibration new: nobody made it", `UPDATE calibrations SET id = 'new' WHERE id = '` + old + `'`},
			{"calibration " + old + ": it is gone", `DELETE FROM calibrations WHERE id = '` + old + `'`},
			{"bar " + bar.ID + ": it is not as it was certified", `UPDATE bars SET calibration = 'x'`},
			{"bar " + bar.ID + ": it is not as it was certified", `UPDATE bars SET server = 'x'`},
			{"bar " + bar.ID + ": it is not as it was certified", `UPDATE bars SET share = 0.9`},
			{"bar " + bar.ID + ": it is not as it was certified", `UPDATE bars SET cases = 900`},
			{"is not as it was made", `UPDATE drafts SET calibration = ''`},
			{"is not as it was made", `UPDATE drafts SET server = 'other'`},
		} {
			s.names(c[0], c[1])
		}
	})
}

// calibratedID stores a calibration, or finds the one that holds already.
func (s *lots) calibratedID(p float64) string {
	s.t.Helper()
	c, err := s.Calibrate(s.t.Context(), s.lead, "small", s.flat(p))
	if err != nil {
		s.t.Fatal(err)
	}
	return c.ID
}

// A calibration that somebody altered drafts nothing.
func TestAnAlteredCalibrationIsNotDraftedBy(t *testing.T) {
	db := storetest.SQLite(t)
	s, _ := calibrating(t, db, 100)
	s.calibratedOnly(0.8)
	s.unguarded(`UPDATE calibrations SET body = REPLACE(body, '"labels":50', '"labels":51')`, func(bun.Tx) error { return nil })
	_, err := s.flow.FirstDraft(t.Context(), json.RawMessage(`{"text":"Sure 7"}`))
	wantCode(t, err, kit.Internal)
	if faults := s.compare(); !slices.ContainsFunc(rowsOf(faults), func(f string) bool { return strings.HasPrefix(f, "calibration ") }) {
		t.Errorf("Compare says %q", faults)
	}
}
