package verify

// texts are the words of the command in one language. Findings bring their own.
type texts struct {
	clean, err, warning, place, unreadable, todo      string
	profile, payment, payments, statement, statements string
	entry, entries                                    string
	total, more                                       string
}

var languages = map[string]texts{
	"en": {
		clean: "no findings", err: "error", warning: "warning", place: "line %d, column %d", unreadable: "cannot be read", todo: "What to do:",
		profile: "profile", payment: "payment", payments: "payments", statement: "statement", statements: "statements", entry: "entry", entries: "entries",
		total: "files: %d, errors: %d, warnings: %d, unreadable: %d",
		more:  "and %d more of %s (--json lists them)",
	},
	"de": {
		clean: "keine Befunde", err: "Fehler", warning: "Warnung", place: "Zeile %d, Spalte %d", unreadable: "nicht lesbar", todo: "Was tun:",
		profile: "Profil", payment: "Zahlung", payments: "Zahlungen", statement: "Auszug", statements: "Auszüge", entry: "Umsatz", entries: "Umsätze",
		total: "Dateien: %d, Fehler: %d, Warnungen: %d, nicht lesbar: %d",
		more:  "und %d weitere von %s (--json führt sie auf)",
	},
	"sv": {
		clean: "inga anmärkningar", err: "fel", warning: "varning", place: "rad %d, kolumn %d", unreadable: "kan inte läsas", todo: "Gör så här:",
		profile: "profil", payment: "betalning", payments: "betalningar", statement: "utdrag", statements: "utdrag", entry: "post", entries: "poster",
		total: "filer: %d, fel: %d, varningar: %d, oläsbara: %d",
		more:  "och ytterligare %d av %s (--json visar dem)",
	},
}

func textsOf(language string) texts {
	if t, ok := languages[language]; ok {
		return t
	}
	return languages["en"]
}
