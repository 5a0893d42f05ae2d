package console_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/workflow"
)

// figures are thirty days of a service.
func figures(now time.Time) (b workflow.Board) {
	total := workflow.FieldEdit{Path: "total"}
	company := workflow.FieldEdit{Path: "company"}
	for i := range 30 {
		n := 20 + 8*math.Sin(float64(i)/3)
		day := workflow.BoardDay{Day: now.AddDate(0, 0, i-29).Truncate(24 * time.Hour), Submitted: math.Floor(n), Decided: math.Floor(n * .9), Delivered: math.Floor(n * .8),
			Minutes: n * .7, Changed: math.Floor(n * .2), Unchanged: math.Floor(n * .6), Agreed: 3, Disagreed: 1, Caught: 1, Missed: float64(i % 2)}
		if i%7 == 5 {
			day = workflow.BoardDay{Day: day.Day}
		}
		b.Days = append(b.Days, day)
		total.Seen, total.Changed = append(total.Seen, day.Decided), append(total.Changed, math.Floor(day.Decided*.2))
		company.Seen, company.Changed = append(company.Seen, day.Decided), append(company.Changed, math.Floor(day.Decided*.05))
	}
	b.Fields = []workflow.FieldEdit{total, company}
	b.Ages = []workflow.Age{{Days: 0, Waiting: 12}, {Days: 1, Waiting: 5}, {Days: 5, Waiting: 2}, {Days: 90, Waiting: 1}}
	return b
}

func TestTheDashboardSaysWhatItDraws(t *testing.T) {
	w := newWorld()
	w.figures = figures(w.now)
	c := serve(t, w, nil).as("tp_mei")
	page := c.get("/board")
	page.has(t, 200, "20 reviews wait, 3 of them for three days or more", "1 %", `/board/throughput.svg?days=30&amp;theme=light`, `aria-current="true">30 days`)
	for _, name := range []string{"throughput", "ages", "minutes", "edits", "human", "agreement", "canaries"} {
		light, dark := c.get("/board/"+name+".svg?days=30&theme=light"), c.get("/board/"+name+".svg?days=30&theme=dark")
		for _, a := range []answer{light, dark} {
			a.has(t, 200, "<svg", "</svg>")
			if err := wellFormed(a.body); err != nil || a.header.Get("Content-Type") != "image/svg+xml" {
				t.Errorf("%s is %s: %v", name, a.header.Get("Content-Type"), err)
			}
		}
		if light.body == dark.body {
			t.Errorf("%s is the same in both themes", name)
		}
	}
	c.get("/board/none.svg").has(t, http.StatusNotFound)
	for days, span := range map[string]string{"365": "52 weeks", "90": "13 weeks", "99999": "52 weeks", "1": "7 days", "0": "30 days", "-1": "30 days", "x": "30 days"} {
		c.get("/board?days="+days).has(t, 200, `aria-current="true">`+span)
	}
	zh := c.get("/board?lang=zh")
	zh.has(t, 200, "看板", "待审核共 20 人次，其中 3 人次已等待三天以上", "1%")
	zh.lacks(t, " %")
	w.figures.Ages = []workflow.Age{{Days: 0, Waiting: 21345}}
	c.get("/board").has(t, 200, "21,345 reviews wait", `<td class="num">21,345</td>`)
	if svg := c.get("/board/ages.svg?days=30&theme=light"); !strings.Contains(svg.body, "40,000") {
		t.Error("the axis has no separators of thousands")
	}
}

func TestADashboardWithoutFiguresSaysSo(t *testing.T) {
	w := newWorld()
	w.figures = workflow.Board{Days: []workflow.BoardDay{{Day: w.now}}}
	c := serve(t, w, nil).as("tp_mei")
	if n := strings.Count(c.get("/board").body, "Nothing to show for these days yet"); n != 7 {
		t.Errorf("%d of 7 charts say that there is nothing", n)
	}
	c.get("/board/edits.svg").has(t, 200, "<svg")
}

func TestALabelIsWordsAndNothingMore(t *testing.T) {
	w := newWorld()
	w.figures = figures(w.now)
	hostile := []string{`<script>alert("1")</script>`, "total\u202ex", strings.Repeat("长标签", 400)}
	for i, path := range hostile {
		edit := w.figures.Fields[0]
		edit.Path = path
		w.figures.Fields = append(w.figures.Fields[:i:i], edit)
	}
	c := serve(t, w, nil)
	page := c.as("tp_mei").get("/board")
	page.has(t, 200, "&lt;script&gt;alert(", "total⟨U&#43;202E⟩x", hostile[2])
	page.lacks(t, hostile[0], hostile[1])
	picture := c.get("/board/edits.svg")
	picture.lacks(t, "script", "长标签")
	if err := wellFormed(picture.body); err != nil {
		t.Error(err)
	}
}

func TestALongStretchIsDrawnByWeeks(t *testing.T) {
	w := newWorld()
	for i := range 52 * 7 {
		day := workflow.BoardDay{Day: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)}
		if i%7 < 5 {
			day.Submitted, day.Decided, day.Minutes = 3, 2, 1
		}
		w.figures.Days = append(w.figures.Days, day)
	}
	page := serve(t, w, nil).as("tp_mei").get("/board?days=364")
	page.has(t, 200, "780 came in, 520 decisions were made", `aria-current="true">52 weeks`, "Week from",
		`<tr><th scope="row">24 Dec</th><td class="num">15</td><td class="num">10</td>`, `<tr><th scope="row">24 Dec</th><td class="num">0.5</td>`)
	if rows := strings.Count(page.body, `<th scope="row">1 Jan</th>`); rows != 2 {
		t.Errorf("%d of 2 tables begin with the first week", rows)
	}
}

// A share of one case is not 0 %, and a stretch over New Year says which year.
func TestFewAreSaidByTheirNumbersAndYearsByTheirs(t *testing.T) {
	w := newWorld()
	for i := range 52 * 7 {
		w.figures.Days = append(w.figures.Days, workflow.BoardDay{Day: time.Date(2025, 11, 26+i, 0, 0, 0, 0, time.UTC)})
	}
	last := &w.figures.Days[52*7-1]
	last.Disagreed, last.Changed, last.Unchanged = 1, 1, 5
	w.figures.Ages = []workflow.Age{{Days: 0, Waiting: 4}}
	c := serve(t, w, nil).as("tp_mei")
	c.get("/board?days=364").has(t, 200, "they agreed on 0 of 1.", "in 1 of 6 that were released", "4 reviews wait, none of them", ">18 Nov 2026<", ">26 Nov 2025<")
	c.get("/board?days=364&lang=zh").has(t, 200, "多人审核的 1 单中，0 单意见一致", "待审核共 4 人次，均未满三天", ">2026年11月18日<")
	picture := c.get("/board/human.svg?days=364")
	picture.has(t, 200, ">18 Nov<", " Feb 2026<")
	picture.lacks(t, "Nov 2025", "Nov 2026", "Apr 2026")
}

func wellFormed(body string) error {
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		if _, err := d.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
