package command

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// kindOfAnswer is what an answer has to be.
type kindOfAnswer int

const (
	sentence kindOfAnswer = iota
	amount
	count
	code
	goals
)

// question asks for one key of nail.yaml.
type question struct {
	flag   string
	usage  string
	path   []string
	kind   kindOfAnswer
	needed bool
	page   int
	en, zh prompt
	now    func(nail.Nail) string // what the nail says; "" for nothing
}

// questions are all, in the order in which they are asked.
var questions = []question{
	{"buyer", "`WHO` pays", []string{"buyer"}, sentence, true, 0,
		prompt{"Who pays?", "One kind of customer whom you can ring up, such as: bookkeeping firms with a hundred small shops"},
		prompt{"谁付钱？", "一类你能打电话联系上的客户，例如：服务一百家小店的代理记账公司"},
		func(n nail.Nail) string { return oneLine(n.Buyer) }},
	{"job", "`WHAT` is done, in a sentence", []string{"job"}, sentence, true, 0,
		prompt{"What is the job?", "What goes in and what comes out. If it needs an \"and\", it is two nails"},
		prompt{"做什么工作？", "输入什么，产出什么。如果一句话里需要“并且”，那就是两颗钉子"},
		func(n nail.Nail) string { return oneLine(n.Job) }},
	{"scenario", "`WHERE` the job comes up, and what the result is for", []string{"scenario"}, sentence, true, 0,
		prompt{"Where does it come up?", "When, how often, and what is done with the result"},
		prompt{"在什么场合？", "什么时候、多久一次，结果用来做什么"},
		func(n nail.Nail) string { return oneLine(n.Scenario) }},
	{"minutes", "`MINUTES` that a case takes by hand today", []string{"today", "minutes"}, amount, true, 1,
		prompt{"Minutes a case takes by hand today", "Watch ten cases with a clock: this number sells, and is disputed"},
		prompt{"今天手工处理一件要几分钟？", "拿着表看十件：这个数字最有说服力，也最容易被质疑"},
		func(n nail.Nail) string { return positive(n.Today.Minutes) }},
	{"wage", "`WAGE` of the hour of who does it today", []string{"today", "wage"}, amount, true, 1,
		prompt{"What an hour of that work costs", "With all that the employer pays"},
		prompt{"这份工作每小时的成本", "包括雇主付出的全部"},
		func(n nail.Nail) string { return positive(n.Today.Wage) }},
	{"volume", "`CASES` a month", []string{"volume"}, count, true, 1,
		prompt{"Cases a month", "Of one customer to begin with, or of all"},
		prompt{"每月多少件？", "先算一个客户，或全部客户"},
		func(n nail.Nail) string { return positive(float64(n.Volume)) }},
	{"price", "`PRICE` that you ask for a case", []string{"price"}, amount, true, 2,
		prompt{"What you ask for a case", "Below what the case costs by hand"},
		prompt{"每件报价多少？", "要低于手工处理的成本"},
		func(n nail.Nail) string { return positive(n.Price) }},
	{"currency", "`CODE` of three capitals, such as USD", []string{"currency"}, code, true, 2,
		prompt{"Currency", "A code of three capitals, such as USD or CNY"},
		prompt{"货币", "三个大写字母，例如 CNY 或 USD"},
		func(n nail.Nail) string { return n.Currency }},
	{"gpu-hour", "what an `HOUR` of the model's machine costs; 0 for none", []string{"gpu_hour"}, amount, false, 2,
		prompt{"What an hour of your GPU costs", "0 where a CPU does"},
		prompt{"显卡每小时的成本", "只用 CPU 时填 0"},
		func(n nail.Nail) string { return number(n.GPUHour) }},
	{"reviewer-wage", "`WAGE` of the hour of who reviews; that of --wage otherwise", []string{"reviewer", "wage"}, amount, false, 2,
		prompt{"What an hour of those who review costs", "Empty where it is the same wage"},
		prompt{"审核人员每小时的成本", "与上面的工资相同则留空"},
		reviewerWage},
	{"bar", "the `GOAL` of a field, more than once: total=0.95, score=kappa:0.8, date=0.97@0.99 for how sure; total= takes it out", []string{"bar"}, goals, true, 3,
		prompt{"How good must each field be?", "Such as: date=95%, total=97.5%"},
		prompt{"每个字段要多准？", "例如：date=95%, total=97.5%"},
		func(n nail.Nail) string { return barText(n.Bar) }},
	{"cases", "`FOLDER` of documents of your own", []string{"data", "cases"}, sentence, true, 3,
		prompt{"The folder of documents of your own", "From the file's folder: golden/cases. Without data there is no nail"},
		prompt{"你自己的单据放在哪个文件夹？", "从本文件所在的文件夹算起：golden/cases。没有数据就没有钉子"},
		func(n nail.Nail) string { return n.Data.Cases }},
	{"answers", "`FOLDER` of their right answers, NAME.json each", []string{"data", "answers"}, sentence, true, 3,
		prompt{"The folder of their right answers", "NAME.json for each document"},
		prompt{"正确答案放在哪个文件夹？", "每份单据对应一个 NAME.json"},
		func(n nail.Nail) string { return n.Data.Answers }},
	{"source", "`WHOSE` the cases are, and how you came by them", []string{"data", "source"}, sentence, false, 3,
		prompt{"Whose are they, and may you use them?", "Such as: of our first customer, by agreement"},
		prompt{"数据来自谁？可以使用吗？", "例如：来自我们的第一位客户，已签协议"},
		func(n nail.Nail) string { return oneLine(n.Data.Source) }},
}

// reviewerWage is what the file says, not what Parse took in its place.
func reviewerWage(n nail.Nail) string {
	if n.Reviewer.Wage == n.Today.Wage {
		return ""
	}
	return positive(n.Reviewer.Wage)
}

// in is how the question is put in a language.
func (q question) in(lang string) prompt {
	if lang == "zh" {
		return q.zh
	}
	return q.en
}

var currencyShape = regexp.MustCompile(`^[A-Z]{3}$`)

// check says what is wrong with an answer. Nothing is no answer, and not wrong.
func (q question) check(text string) error {
	if text == "" {
		return nil
	}
	switch q.kind {
	case amount:
		if _, ok := readNumber(text); !ok {
			return kit.Errorf(kit.Invalid, "%q is not a number from 0 up", text)
		}
	case count:
		if v, ok := readNumber(text); !ok || v != float64(int(v)) {
			return kit.Errorf(kit.Invalid, "%q is not a whole number from 0 up", text)
		}
	case code:
		if !currencyShape.MatchString(text) {
			return kit.Errorf(kit.Invalid, "%q is not a code of three capitals, such as USD or CNY", text)
		}
	case goals:
		_, err := readBar(text)
		return err
	}
	return nil
}

// value is an answer as the file holds it; nil takes the key away.
func (q question) value(text string) any {
	switch q.kind {
	case amount, count:
		v, ok := readNumber(text)
		switch {
		case !ok && q.flag == "reviewer-wage":
			return nil
		case q.kind == count:
			return int(v)
		}
		return v
	}
	return text
}

// thousands matches numbers whose commas part thousands: in 0,30 it does not.
var thousands = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$`)

// readNumber reads an amount from 0 up.
func readNumber(text string) (float64, bool) {
	if text = strings.TrimSpace(text); thousands.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && v >= 0 && v <= 1e12
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// positive is a number, or "" for 0: nothing was said.
func positive(v float64) string {
	if v == 0 {
		return ""
	}
	return number(v)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// barText is a bar as it is asked for.
func barText(bar map[string]nail.Goal) string {
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(bar)) {
		g := bar[field]
		share := number(g.Threshold)
		if g.Measure != "normalised" {
			share = g.Measure + ":" + share
		}
		if g.Confidence != 0.95 {
			share += "@" + number(g.Confidence)
		}
		parts = append(parts, field+"="+share)
	}
	return strings.Join(parts, ", ")
}

// readBar reads FIELD=[MEASURE:]SHARE[@CONFIDENCE], parted by commas.
func readBar(text string) (map[string]nail.Goal, error) {
	bar := map[string]nail.Goal{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，;；\n", r) }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		field, goal, ok := strings.Cut(strings.NewReplacer("＝", "=", "％", "%").Replace(part), "=")
		if field = strings.TrimSpace(field); !ok || field == "" {
			return nil, kit.Errorf(kit.Invalid, "%q is not FIELD=SHARE, such as total=0.95", strings.TrimSpace(part))
		}
		g, err := readGoal(strings.TrimSpace(goal))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		bar[field] = g
	}
	return bar, nil
}

func readGoal(text string) (nail.Goal, error) {
	g := nail.Goal{Measure: "normalised", Confidence: 0.95}
	if measure, rest, ok := strings.Cut(text, ":"); ok {
		g.Measure, text = strings.TrimSpace(measure), rest
	}
	share, confidence, ok := strings.Cut(text, "@")
	var err error
	if g.Threshold, err = readShare(share); err != nil {
		return g, err
	}
	if ok {
		g.Confidence, err = readShare(confidence)
	}
	return g, err
}

// leastPercent is the least number without a sign that is taken for a percentage:
// 1.5 is more likely a slip than 1.5 %.
const leastPercent = 20

// readShare reads 0.95, 95% and 95: nobody means more than all.
func readShare(text string) (float64, error) {
	digits, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if percent || v >= leastPercent {
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v/100, 'g', 12, 64), 64) // 0.975, not 0.9749999
	}
	if err != nil || !(v > 0 && v <= 1) {
		return 0, errors.New("write a share above 0 and at most 1, such as 0.95")
	}
	return v, nil
}

// joinBar puts the fields that flags name into the bar; FIELD= takes one out.
func joinBar(bar string, flags []string) string {
	all, err := readBar(bar)
	if err != nil {
		return strings.Join(flags, ",")
	}
	for _, f := range strings.Split(strings.Join(flags, ","), ",") {
		if field, goal, ok := strings.Cut(f, "="); ok && strings.TrimSpace(goal) == "" {
			delete(all, strings.TrimSpace(field))
			continue
		}
		one, err := readBar(f)
		if err != nil {
			return f // whoever checks it says what is wrong
		}
		maps.Copy(all, one)
	}
	return barText(all)
}

// barChanges are those from one bar to another.
func barChanges(from map[string]nail.Goal, to string) []nail.Change {
	want, _ := readBar(to) // it was checked
	var all []nail.Change
	for _, field := range slices.Sorted(maps.Keys(want)) {
		if from[field] != want[field] {
			all = append(all, nail.Change{Path: []string{"bar", field}, Value: want[field]})
		}
	}
	for _, field := range slices.Sorted(maps.Keys(from)) {
		if _, stays := want[field]; !stays {
			all = append(all, nail.Change{Path: []string{"bar", field}})
		}
	}
	return all
}
