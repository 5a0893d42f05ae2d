package nail_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

const start = "name: x\njob: y\n"

func TestParseReadsTheTermsOfReviews(t *testing.T) {
	n := parse(t, start+`review:
  quorum: 2
  four_eyes: true
  roles: [lead, admin]
  priority: -3
  due: 4h
  escalation:
    - notify
    - reassign
  hourly_cap: 60
  second_look: 0.1
  blind: 0.05
  double_blind: 0.02
  canaries: 1
  tiers:
    - {name: large, title: {en: Large amounts, zh: 大额}, when: total > 5000 || confidence < 0.8, quorum: 3, roles: [admin]}
    - name: sure
      when: |
        confidence > 0.99
      lots: {size: 200}
`)
	want := nail.Review{Undo: 10 * time.Second, Terms: nail.Terms{
		Lease: 10 * time.Minute, EscalateAfter: 72 * time.Hour, Quorum: 2, FourEyes: true, Roles: []string{"lead", "admin"},
		Priority: -3, Due: 4 * time.Hour, Escalation: []string{"notify", "reassign"}, HourlyCap: 60,
		SecondLook: 0.1, Blind: 0.05, DoubleBlind: 0.02, Canaries: 1,
	}, Tiers: []nail.Tier{
		{Name: "large", Title: nail.Title{EN: "Large amounts", ZH: "大额"}, When: "total > 5000 || confidence < 0.8", Terms: nail.Terms{Quorum: 3, Roles: []string{"admin"}}},
		{Name: "sure", When: "confidence > 0.99\n", Terms: nail.Terms{
			Lots: nail.Lots{Size: 200, After: 24 * time.Hour, Error: 0.02, Confidence: 0.95}}},
	}}
	if !reflect.DeepEqual(n.Review, want) {
		t.Errorf("got  %+v\nwant %+v", n.Review, want)
	}
}

func TestParseRefusesTermsThatCannotBe(t *testing.T) {
	tier := func(words string) string {
		return start + "review:\n  tiers:\n    - {name: large, when: total > 5}\n    - {" + words + "}\n"
	}
	for _, c := range []struct{ name, text, want string }{
		{"unknown", start + "review: {qurom: 2}\n", `nail.yaml:3:10: unknown key "review.qurom"; did you mean "review.quorum"?`},
		{"unknown in a tier", tier("name: x, when: a, cannaries: 1"),
			`nail.yaml:6:26: unknown key "review.tiers[1].cannaries"; did you mean "review.tiers[1].canaries"?`},
		{"undo in a tier", tier("name: x, when: a, undo: 1s"), `unknown key "review.tiers[1].undo"`},
		{"tiers in a tier", tier("name: x, when: a, tiers: []"), `unknown key "review.tiers[1].tiers"`},
		{"nobody", start + "review: {quorum: 0}\n", "nail.yaml:3:18: review.quorum: 0 cannot be used; write how many people decide"},
		{"a crowd", start + "review: {quorum: 10}\n", "from 1 to 9"},
		{"half a person", start + "review: {quorum: 1.5}\n", "review.quorum: 1.5 is not a whole number"},
		{"yes", start + "review: {four_eyes: yes}\n", "review.four_eyes: yes is not true or false; write true or false"},
		{"true as text", start + "review: {tiers: [{name: x, when: true}]}\n", "when: true is not text; put it in quotes"},
		{"a share over one", start + "review: {canaries: 1.5}\n", "nail.yaml:3:20: review.canaries: 1.5 cannot be used; write a share from 0 to 1"},
		{"a share below zero", start + "review: {blind: -0.1}\n", "review.blind: -0.1 cannot be used"},
		{"more than all", start + "review: {blind: 0.6, double_blind: 0.5}\n",
			"nail.yaml:3:36: review.double_blind: blind 0.6 and double_blind 0.5 are more than all cases; write shares that are at most 1 together"},
		{"the other way round", start + "review: {double_blind: 0.5, blind: 0.6}\n", "nail.yaml:3:36: review.blind: blind 0.6"},
		{"more than all in a tier", tier("name: x, when: a, blind: 0.6, double_blind: 0.5"), "nail.yaml:6:52: review.tiers[1].double_blind: "},
		{"more than all with the review's own", start + "review:\n  blind: 0.6\n  tiers:\n    - {name: x, when: a, double_blind: 0.5}\n",
			"nail.yaml:6:40: review.tiers[0].double_blind: blind 0.6 and double_blind 0.5"},
		{"no number", start + "review: {double_blind: .nan}\n", "review.double_blind: .nan is not a number"},
		{"a role that only reads", start + "review: {roles: [lead, viewer]}\n",
			`nail.yaml:3:24: review.roles[1]: "viewer" cannot be used; write reviewer, lead or admin: nobody else may decide`},
		{"one role", start + "review: {roles: lead}\n", "review.roles: lead is not a list of words"},
		{"a role as number", start + "review: {roles: [1]}\n", "nail.yaml:3:18: review.roles[0]: 1 is not text"},
		{"no role", start + "review: {roles: []}\n", "review.roles: an empty list"},
		{"a role twice", start + "review: {roles: [lead, lead]}\n", "it stands there already"},
		{"approval by waiting", start + "review: {escalation: [notify, approve]}\n",
			`nail.yaml:3:31: review.escalation[1]: "approve" cannot be used; waiting never approves anything; write notify`},
		{"due at once", start + "review: {due: 0s}\n", "review.due: 0s cannot be used"},
		{"a lot without size", start + "review: {lots: {after: 1h}}\n", "review.lots.size is missing"},
		{"a lot of one", start + "review: {lots: {size: 1}}\n", "review.lots.size: 1 cannot be used"},
		{"a lot without error", start + "review: {lots: {size: 9, error: 0}}\n", "nail.yaml:3:33: review.lots.error: 0 cannot be used"},
		{"a certain lot", start + "review: {lots: {size: 9, confidence: 1}}\n", "no sample makes sure"},
		{"tiers as a group", start + "review: {tiers: {name: x}}\n", "review.tiers: {name: x} is not a list of groups"},
		{"a tier as text", start + "review: {tiers: [large]}\n", "review.tiers[0]: large is not a group of keys"},
		{"a nameless tier", tier("when: a"), "nail.yaml:6:8: review.tiers[1].name is missing"},
		{"a tier's shape", tier("name: Very large, when: a"), `nail.yaml:6:14: review.tiers[1].name: "Very large" cannot be used`},
		{"a title of one language", tier("name: x, when: a, title: Big"),
			"nail.yaml:6:33: review.tiers[1].title: Big is not a group of keys; write for example title: {en: Large amounts, zh: 大额}"},
		{"an empty title", tier("name: x, when: a, title: {zh: ' '}"), `review.tiers[1].title.zh: " " cannot be used; write 1 to 80 characters`},
		{"a name twice", tier("name: large, when: a"), `nail.yaml:6:14: review.tiers[1].name: "large" cannot be used; another tier`},
		{"no condition", tier("name: x"), "nail.yaml:6:8: review.tiers[1].when is missing"},
		{"an empty condition", tier("name: x, when: ' '"), "nail.yaml:6:23: review.tiers[1].when: "},
		{"a tier of nobody", tier("name: x, when: a, quorum: 0"), "nail.yaml:6:34: review.tiers[1].quorum: 0 cannot be used"},
		{"a term taken back", tier("name: x, when: a, second_look: 0"), "review.tiers[1].second_look: 0 cannot be used; a tier cannot take a term back"},
		{"four eyes taken back", tier("name: x, when: a, four_eyes: false"), "a tier cannot take a term back"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := nail.Parse("nail.yaml", []byte(c.text))
			if err == nil || kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q (%s), want %q", err, kit.CodeOf(err), c.want)
			}
		})
	}
}

func TestAllCasesMayBeBlind(t *testing.T) {
	parse(t, start+"review: {blind: 0.7, double_blind: 0.3, tiers: [{name: x, when: a, blind: 0.1}]}\n")
}

func TestALaterMistakeIsToldAtItsPlace(t *testing.T) {
	for _, c := range []struct{ name, when, at string }{
		{"plain", "when: a > 1 and bb == 'c'", "5:23"},
		{"quoted", "when: 'a > 1 and bb == ''c'''", "5:24"},
		{"in double quotes", `when: "a > 1 and bb == 'c'"`, "5:24"},
		{"a block", "when: |\n        a > 1 and bb == 'c'", "6:19"},
		{"folded", "when: >-\n        a > 1\n        and bb == 'c'", "7:13"},
	} {
		n := parse(t, start+"review:\n  tiers:\n    - "+c.when+"\n      name: large\n")
		offset := strings.Index(n.Review.Tiers[0].When, "bb")
		err := n.From.Refuse(nail.Fault{Path: "review.tiers[0].when", Offset: offset, Words: "no field is called bb"})
		if want := "nail.yaml:" + c.at + ": review.tiers[0].when: no field is called bb"; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", c.name, err, want)
		}
	}
}

func TestLaterMistakesAreToldTogetherAndInOrder(t *testing.T) {
	n := parse(t, start+"review:\n  quorum: 2\n  lots: {size: 10}\n")
	if err := n.From.Refuse(); err != nil {
		t.Errorf("no mistakes: %v", err)
	}
	err := n.From.Refuse(nail.Fault{Path: "review.lots.error", Words: "too small"}, nail.Fault{Path: "review.quorum", Words: "too many"},
		nail.Fault{Path: "review.lots.size", Words: "too small"})
	want := "nail.yaml:4:11: review.quorum: too many\nnail.yaml:5:9: review.lots.error: too small\nnail.yaml:5:16: review.lots.size: too small"
	if kit.CodeOf(err) != kit.Invalid || err.Error() != want || len(kit.FieldsOf(err)) != 3 {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
