package app

import "github.com/tackhammer/tackhammer/kit/nail"

func evaluationPage(e evaluation, n nail.Nail, lang string) page {
	return page{Name: "eval", Lang: lang, Title: n.Title, Data: e}
}
