package order

import (
	"cmp"
	"slices"

	"kontor/ebics"
)

// PaymentFile says what is to be sent, as far as it decides the order.
type PaymentFile struct {
	Message  string // pain.001, pain.008, dtazv, camt.055, mt101
	Scheme   Scheme // "" = from Message and Currency: see ForPayment
	Instant  bool
	Urgent   bool
	Currency string // of all payments (ISO 4217); "" = mixed or not known
	Bureau   bool   // the container of a service bureau
	VoP      VoP
	Country  string // of the account that is debited, or credited by direct debits (ISO 3166); "" = any
}

// Choice is an order for a payment file.
type Choice struct {
	Entry Entry
	BTF   ebics.BTF // zero where none is known: take it from HTD
}

// ForPayment lists the orders that fit a file, the best first: those of its country
// before general ones, published before others. Nothing is returned that says
// something else about instant, urgent, service bureau or the verification of payee
// than the file; only a wish to opt out may be left unsaid, since that is what
// silence means.
//
// Without a scheme, pain.001 in euro is SEPA, in the other currency of the country is
// Domestic, in any other or mixed is Foreign; pain.008 has no default, for CORE and
// B2B must not be confused.
func (c *Catalogue) ForPayment(p PaymentFile) []Choice {
	scheme := p.scheme()
	type ranked struct {
		Choice
		rank int
	}
	var found []ranked
	for _, e := range c.entries {
		if e.Group != Payment || e.Direction != Upload || e.Content != p.Message || e.Retired || e.ByName || !e.In(p.Country) ||
			e.Instant != p.Instant || e.Urgent != p.Urgent || e.Bureau != p.Bureau ||
			!slices.Contains(e.Schemes, scheme) && (len(e.Schemes) > 0 || p.Message == "pain.001" || p.Message == "pain.008") ||
			e.VoP != p.VoP && (p.VoP != OptOut || e.VoP != VoPUnsaid) {
			continue
		}
		b, _ := e.BTF(p.Country, p.VoP)
		rank := 0
		if p.Country == "" || len(e.Countries) == 0 {
			rank++
		}
		if e.Standing != Published {
			rank += 2
		}
		found = append(found, ranked{Choice{e, b}, rank})
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	choices := make([]Choice, len(found))
	for i, f := range found {
		choices[i] = f.Choice
	}
	return choices
}

func (p PaymentFile) scheme() Scheme {
	switch {
	case p.Scheme != "" || p.Message != "pain.001":
		return p.Scheme
	case p.Currency == "EUR":
		return SEPA
	case p.Currency == "CHF" && (p.Country == "CH" || p.Country == "LI"):
		return Domestic
	}
	return Foreign
}
