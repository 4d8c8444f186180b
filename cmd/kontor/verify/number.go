package verify

import (
	"slices"
	"strings"
)

// blank stands between the thousands in Swedish, and does not break a line.
const blank = "\u00a0"

// numbers puts what is an amount among the arguments of a sentence into the form of the
// language: PAIN and CAMT rules give amounts as "29990.00", as they stand in files.
func numbers(args []string, language string) []string {
	if language != "de" && language != "sv" || !slices.ContainsFunc(args, amount) {
		return args
	}
	out := slices.Clone(args)
	for i, a := range out {
		out[i] = number(a, language)
	}
	return out
}

// amount says whether a text is a decimal number with two to five decimals.
func amount(text string) bool {
	whole, decimals, ok := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	return ok && digits(whole) && digits(decimals) && len(decimals) >= 2 && len(decimals) <= 5
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// number writes an amount as people do: 29.990,00 in German, 29 990,00 in Swedish, 29990.00 in English, as in files. What is no
// amount stays.
func number(text, language string) string {
	between := map[string]string{"de": ".", "sv": blank}[language]
	if between == "" || !amount(text) {
		return text
	}
	sign := ""
	if rest, minus := strings.CutPrefix(text, "-"); minus {
		sign, text = "-", rest
	}
	whole, decimals, _ := strings.Cut(text, ".")
	var groups []string
	for len(whole) > 3 {
		groups = append(groups, whole[len(whole)-3:])
		whole = whole[:len(whole)-3]
	}
	groups = append(groups, whole)
	slices.Reverse(groups)
	return sign + strings.Join(groups, between) + "," + decimals
}
