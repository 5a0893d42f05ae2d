package console

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestAChosenReasonIsSaidInTheReadersLanguage(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for kept, said := range map[string]string{"Not for us": "不属于本业务", "Values are wrong: the total": "取值错误：the total", "重复提交：见昨天的": "重复提交：见昨天的", "Not for us at all": "Not for us at all", "": ""} {
		if got := tongues["zh"].reason(kept); got != said {
			t.Errorf("%q reads %q, not %q", kept, got, said)
		}
	}
	if got := tongues["en"].reason("取值错误：金额"); got != "Values are wrong: 金额" {
		t.Errorf("in English it reads %q", got)
	}
}

func TestNoNameOfAProgramStandsInAHistory(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	title := func(step string) string { return map[string]string{"check": "审核"}[step] }
	for _, c := range []struct{ kind, data, said string }{
		{"step.done", `{"step":"check"}`, "完成“审核”环节"},
		{"review.opened", `{"kind":"second"}`, "提交同事复核"},
		{"review.opened", `{"kind":"adjudication"}`, "意见不一致，提交裁定"},
		{"delivery.sent", `{"target":"folder"}`, "已交付（文件夹）"},
		{"draft.made", `{"model":{"name":"rules"}}`, "起草（规则）"},
		{"draft.made", `{"model":{"name":"tiny"}}`, "起草（tiny）"},
	} {
		if got := say(tongues["zh"], workflow.Event{Kind: c.kind, Data: json.RawMessage(c.data)}, "系统", title, false).What; got != c.said {
			t.Errorf("%s %s reads %q, not %q", c.kind, c.data, got, c.said)
		}
	}
}

func TestAHistoryOfSeveralReviewsNamesTheirSteps(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	title := func(step string) string {
		return map[string]string{"verdict": "判定", "verdict-check": "判定：审核"}[step]
	}
	for _, c := range []struct{ kind, data, said string }{
		{"draft.made", `{"step":"verdict","model":{"name":"learned"}}`, "判定 · 起草（训练所得模型）"},
		{"round.opened", `{"step":"verdict-check"}`, "判定：审核 · 提交审核"},
		{"review.claimed", `{}`, "领取审核"},
	} {
		if got := say(tongues["zh"], workflow.Event{Kind: c.kind, Data: json.RawMessage(c.data)}, "系统", title, true).What; got != c.said {
			t.Errorf("%s %s reads %q, not %q", c.kind, c.data, got, c.said)
		}
	}
}

func TestEveryErrorSaysWhatToDo(t *testing.T) {
	en := catalogue(t, "en")
	n := 0
	for key := range en {
		if code, is := strings.CutPrefix(key, "error."); is {
			n++
			if en["advice."+code] == nil {
				t.Errorf("%s comes without advice", key)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d errors have words", n)
	}
}
