package main

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

// kind is what a piece of a receipt's head is.
type kind int

const (
	other   kind = iota // a name, a slogan, a place
	legal               // a name with the legal form of a company
	trade               // a name with a trade in it
	address             // a piece of an address
	number              // a registration or a telephone number
	heading             // what opens the body: TAX INVOICE, DATE, an item
)

var (
	legalWord = regexp.MustCompile(`\bS[DO0]N\b\.?|\bB[HN]D\b|BERHAD|\bS/B\b|\bPTE\b|\bPTY\b|\bLTD\b|\bLLP\b|公司`)
	tradeWord = regexp.MustCompile(`ENTERPRISE|TRADING|RESTORAN|RESTAURANT|HARDWARE|STATIONER|COMPANY\b|PERNIAGAAN|NIAGA\b|SYARIKAT|\bKEDAI|\bCAFE\b|KOPITIAM|MARKET\b|\bMART\b|BAKERY|PHARMACY|FARMASI|CLINIC|KLINIK|PASARAYA|MACHINERY|商店|餐厅|餐廳|超市|酒家|茶餐|药房|便利店|面馆|书店`)
	// houseWord opens an address, streetWord belongs to one.
	houseWord  = regexp.MustCompile(`^\W*(?:(?:NO|LOT|UNIT|BLK|BLOCK|LEVEL|SUITE|SHOP|KIOSK|PT)\b\W*(?:NO\b\W*)?|NO|LOT |LG|[A-Z]-)?[A-Z]{0,3}-?\d+[-/,. A-Z&]`)
	streetWord = regexp.MustCompile(`\bJALAN|\bJLN\b|\bJIN\b|\bTAMAN\b|\bTMN\b|\bLORONG|\bLRG\b|LEBUH|PERSIARAN|KAWASAN|\bKWS\b|BANDAR|\bBDR\b|SEKSYEN|MUKIM|\bBATU\b|KAMPUNG|\bKG\b|\bROAD\b|\bRD\b|STREET|\bAVE|AVENUE|\bLANE\b|DRIVE|CRESCENT|HIGHWAY|\bLOT\b|LEVEL|FLOOR|BLOCK|\bBLK\b|PLAZA|\bMALL\b|CENTRE\b|BUILDING|BANGUNAN|TOWER|\bPARK\b|\b\d{5,6}\b|[省市区區路街巷号號]`)
	regionWord = regexp.MustCompile(`SELANGOR|JOHOR|KUALA LUMPUR|\bK\.?L\b|PENANG|PINANG|PERAK|KEDAH|MELAKA|MALACCA|PAHANG|SABAH|SARAWAK|SEMBILAN|TERENGGANU|KELANTAN|PERLIS|PUTRAJAYA|MALAYSIA|SINGAPORE|DARUL`)
	// placeWord is a place that is a part of an address, not a branch's name.
	placeWord = regexp.MustCompile(`^(?:JALAN|JLN|LORONG|LEBUH)|MALL|PLAZA|CENTRE|TOWER|BUILDING|MENARA|ROAD|STREET`)
	postcode  = regexp.MustCompile(`\b\d{5}[.,]? ?[A-Z]{2}|SINGAPORE \(?\d{6}|^\d{5}[.,]?$`)
	// branch is how a chain names the shop: (TESCO KAJANG), 1234-KAJANG.
	branch = regexp.MustCompile(`^\(.*\)$|^\d{3,4} ?- ?[A-Z]`)

	// What else stands in a head, and how a number or a caption looks.
	headingWord = regexp.MustCompile(`INVOICE|INVOLCE|RECEIPT|RESIT|CASH ?(?:SALE|BILL|IER|MEMO)|^CASH$|\bDATE\b|CASHIER|\bTABLE\b|\bQTY\b|\bORDER\b|\bBILL\b|DOCUMENT|DOC NO|THANK|WELCOME|GOODS SOLD|^[A-Z]+ ?#|发票|單號|单号|日期|欢迎|歡迎|收据|收據|小票`)
	numberWord  = regexp.MustCompile(`\bTEL|\bFAX|\bPHONE|MOBILE|\bH/?P\b|HOTLINE|WHATSAPP|CARE ?LI?NE|\bGST\b|\bSST\b|\bTAX\b|\bR[EF]G\b|\bREG\.|\bROC\b|\bUEN\b|(?:COMPANY|\bCO|\bBR|BUSINESS)\.? ?NO\b|\bSITE\b|@|WWW|\.COM|HTTP|电话|電話|税号|稅號`)
	price       = regexp.MustCompile(`\d\.\d{2}(?:$|[^\d.])`)
	caption     = regexp.MustCompile(`^[A-Z][A-Z /.]{3,} ?: ?`)
	telephone   = regexp.MustCompile(`[ ,]+\(?(?:TEL|FAX|PHONE|H/P)\b`)
	phone       = regexp.MustCompile(`^\W*(?:[TF]\W+)?\+?\d{2,4} ?-? ?\d{3,4} ?-? ?\d{3,4}\b`)
	registered  = regexp.MustCompile(`^\W*(?:NO\W*)?[A-Z]{0,3}\d{5,12}\W{0,3}[A-Z]?\W*$`)
	lastNumber  = regexp.MustCompile(`\s*[(<\[]?(?:\b(?:CO|NO|REG)\b[ .:]*)*[(<\[]?\b\d{4,9} ?[- ]? ?[A-Z]{1,2}\b[)>\]]?.*$|\s*[(<\[]\d{6,}[)>\]]?$`)
	brackets    = regexp.MustCompile(`\([^)]*\)`)
	owner       = regexp.MustCompile(`^(?:(?:OWNED|OWN|OPERATED|MANAGED) BY|MERCHANT|商户名称|商户|店名|公司名称)[ :：]*`)
	place       = regexp.MustCompile(`^(?:ADDRESS|ADD|地址|店址)\.? ?[:：]\s*`)
)

// What is longer, by the schema in receipt.go, is no such thing.
const maxCompany, maxAddress = 200, 300

// kindOf tells what a piece of the head is. Numbers come before names, because
// "COMPANY REG NO" is no company.
func kindOf(r row) kind {
	s := r.upper
	switch {
	case legalWord.MatchString(s):
		return legal
	case numberWord.MatchString(s), phone.MatchString(s), isRegistration(s):
		return number
	case headingWord.MatchString(s), price.MatchString(s), len(daysIn(r)) > 0, letters(s) < 2,
		caption.MatchString(s) && !houseWord.MatchString(s) && !place.MatchString(s):
		return heading
	case houseWord.MatchString(s) && strings.ContainsAny(s, " ,"), streetWord.MatchString(s), regionWord.MatchString(s):
		return address
	case tradeWord.MatchString(s):
		return trade
	}
	return other
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// isRegistration tells a company's number from a postcode, which has five
// digits and no letter.
func isRegistration(s string) bool {
	bare := strings.Trim(s, "()<>[] ")
	return registered.MatchString(s) && len(bare) != 5
}

// head is the pieces of a receipt's top, each with its kind.
func head(rows []row) (pieces []row, kinds []kind) {
	for _, r := range rows[:min(14, len(rows))] {
		item := price.MatchString(r.upper)
		for _, p := range headParts(r) {
			k := kindOf(p)
			if item {
				k = heading
			}
			pieces, kinds = append(pieces, p), append(kinds, k)
		}
	}
	return pieces, kinds
}

// headParts cuts a row at its gaps and before a telephone number.
func headParts(r row) []row {
	var out []row
	for _, p := range r.parts() {
		at := telephone.FindStringIndex(p.upper)
		if at == nil || at[0] == 0 {
			out = append(out, p)
			continue
		}
		out = append(out, p.slice(0, at[0]), p.slice(at[0], len(p.text)))
	}
	return out
}

// findCompany takes the first name with a legal form or a trade in it, else
// the first that is nothing else.
func findCompany(rows []row) (baseline.Guess, bool) {
	pieces, kinds := head(rows)
	first, last, sure := companyAt(pieces, kinds)
	if first < 0 {
		return baseline.Guess{}, false
	}
	name := companyName(joined(pieces[first : last+1]))
	return baseline.Guess{Path: "company", Value: name, Confidence: sure, Start: pieces[first].start, End: pieces[last].end()}, name != "" && utf8.RuneCountInString(name) <= maxCompany
}

// companyAt finds the pieces that the company's name stands in, and how often
// the rule that found them was right.
func companyAt(pieces []row, kinds []kind) (first, last int, sure float64) {
	i, sure := namePiece(kinds)
	if i < 0 {
		return -1, -1, 0
	}
	first, last = i, i
	for first > 0 && kinds[first-1] < address && incomplete(joined(pieces[first:i+1])) {
		first--
	}
	for last+1 < len(pieces) && (strings.HasSuffix(pieces[last].text, "&") || kinds[last+1] == legal && incomplete(pieces[last+1].upper)) {
		last++
	}
	return first, last, sure
}

// namePiece prefers a legal form close behind a trade: the brand stands above
// the company that owns it.
func namePiece(kinds []kind) (int, float64) {
	top := kinds[:min(10, len(kinds))]
	for i, k := range top {
		if k == legal {
			return i, 0.95
		}
		if k != trade {
			continue
		}
		for j := i + 1; j < min(i+3, len(top)) && top[j] != address; j++ {
			if top[j] == legal {
				return j, 0.95
			}
		}
		return i, 0.95
	}
	for i, k := range top {
		if k == other {
			return i, 0.75
		}
	}
	return -1, 0
}

// incomplete tells a piece whose beginning stands in the row above: half a pair
// of brackets, or a legal form and a trade without a name.
func incomplete(s string) bool {
	s = upper(s)
	if strings.HasPrefix(s, "&") || strings.Count(s, ")") > strings.Count(s, "(") {
		return true
	}
	rest := legalWord.ReplaceAllString(s, "")
	rest = brackets.ReplaceAllString(rest, "")
	rest = tradeWord.ReplaceAllString(rest, "")
	return legalWord.MatchString(s) && len(strings.Trim(rest, " .,&COY")) < 2
}

// companyName drops the registration number behind a name and mends the
// legal form, the one word whose spelling is known.
func companyName(s string) string {
	if at := lastNumber.FindStringIndex(upper(s)); at != nil && at[0] > 3 {
		s = s[:at[0]]
	}
	s = s[len(owner.FindString(upper(s))):]
	s = strings.NewReplacer("SDN BND", "SDN BHD", "SON BHD", "SDN BHD").Replace(s)
	return strings.Trim(s, " -,:")
}

// findAddress takes the rows from the first that looks like an address to the
// last before something else.
func findAddress(rows []row) (baseline.Guess, bool) {
	pieces, kinds := head(rows)
	_, company, _ := companyAt(pieces, kinds)
	first := addressStart(pieces, kinds, company+1)
	if first < 0 {
		return baseline.Guess{}, false
	}
	last := addressEnd(pieces, kinds, first)
	text, sure := joined(pieces[first:last+1]), 0.8
	if postcode.MatchString(upper(text)) {
		sure = 0.9
	}
	text = text[len(place.FindString(upper(text))):]
	return baseline.Guess{Path: "address", Value: text, Confidence: sure, Start: pieces[first].start, End: pieces[last].end()}, utf8.RuneCountInString(text) <= maxAddress
}

// addressStart looks from piece from on, and skips a place's name when the
// house number follows: it is the branch.
func addressStart(pieces []row, kinds []kind, from int) int {
	for i := from; i < len(kinds); i++ {
		if kinds[i] != address || branch.MatchString(pieces[i].upper) {
			continue
		}
		s := pieces[i].upper
		if strings.ContainsAny(s, "0123456789,") || placeWord.MatchString(s) || !houseFollows(pieces, i) {
			return i
		}
	}
	return -1
}

func houseFollows(pieces []row, i int) bool {
	return i+1 < len(pieces) && houseWord.MatchString(pieces[i+1].upper) && !postcode.MatchString(pieces[i+1].upper)
}

// addressEnd goes on to the postcode and past it only for what may follow one.
func addressEnd(pieces []row, kinds []kind, first int) int {
	last, coded := first, false
	for i := first; i < min(first+8, len(pieces)); i++ {
		s := pieces[i].upper
		follows := regionWord.MatchString(s) || branch.MatchString(s) || postcode.MatchString(s)
		if kinds[i] > address || kinds[i] == legal || coded && !follows {
			break
		}
		last = i
		coded = coded || postcode.MatchString(s)
	}
	return last
}
