package hub

// LetterForm is how a letter to a bank is wanted.
type LetterForm struct {
	Language string // de, en, fr or sv
	Name     string // of the person who signs; "" = written by hand
	PDF      bool   // pages to print and sign; else plain text
}

// AgreementForm is what an agreement between an account holder and his bank is to say: that the operator, as a service bureau, may work for
// the account over the operator's own contact.
type AgreementForm struct {
	Language      string // de, en, fr or sv
	Bureau        string // name of the operator; "" = written by hand
	BureauAddress string // in one line; "" = written by hand
	// What the operator may do, at least one of them.
	CreditTransfers, DirectDebits, Statements bool
	PDF                                       bool // pages to print and sign; else plain text
}
