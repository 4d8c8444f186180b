package order

import (
	"slices"

	"kontor/ebics"
)

// fault is what is wrong with an entry, at one of its keys.
type fault struct{ key, text string }

// attributes are the order attributes of H004 (OrderAttributeType and the fixed ones
// of the unsecured and unsigned requests).
var attributes = []string{"OZHNN", "DZHNN", "UZHNN", "DZNNN", "OZNNN"}

// Validate says what is wrong with an entry; nil if nothing is. Profiles use it for
// the entries they bring.
func (e Entry) Validate() []string {
	var texts []string
	for _, f := range e.faults() {
		texts = append(texts, f.key+": "+f.text)
	}
	return texts
}

func (e Entry) faults() (all []fault) {
	complain := func(bad bool, key, text string) {
		if bad {
			all = append(all, fault{key, text})
		}
	}
	_, typeErr := ebics.ParseOrderType(string(e.Type))
	complain(e.Type != "" && typeErr != nil, "type", "is no order type: three of A-Z and 0-9")
	complain(e.Type == "" && e.ID == "", "type", "an entry needs a type or an id")
	complain(e.FileFormat != "" && e.Type != "FUL" && e.Type != "FDL", "file_format", "belongs to FUL and FDL only")
	complain(e.FileCountry != "" && !isCountry(e.FileCountry), "file_country", "is no country")
	complain(e.Direction != Upload && e.Direction != Download, "direction", "want upload or download")
	complain(!slices.Contains([]Group{Payment, Statement, Status, Protocol, Keys, Master, VEU, Other}, e.Group), "group", "is no group")
	complain(!slices.Contains([]string{"", "ZIP", "XML", "SVC"}, e.Container), "container", "want ZIP, XML or SVC")
	complain(!slices.Contains([]VoP{VoPUnsaid, OptIn, OptOut}, e.VoP), "vop", "want opt-in or opt-out")
	complain(!slices.Contains([]Standing{Published, BankSpecific, Unverified}, e.Standing), "standing", "want published, bank-specific or unverified")
	complain(e.Kept && len(e.Twins) > 0, "kept", "an order that H005 keeps has no BTF")
	complain(e.Source == "", "source", "an entry says where it comes from")
	complain(e.Name.EN == "" || e.Name.DE == "" || e.Name.SV == "", "name", "want en, de and sv")
	complain(e.Type != "" && len(e.Attributes) == 0, "attributes", "an order type has an attribute")
	complain(e.Group == Payment && e.Content == "", "content", "a payment order says what is inside")
	for _, a := range e.Attributes {
		complain(!slices.Contains(attributes, a), "attributes", a+" is no order attribute")
	}
	for _, s := range e.Schemes {
		complain(!slices.Contains([]Scheme{SEPA, Foreign, Domestic, Core, B2B}, s), "schemes", string(s)+" is no scheme")
	}
	for _, c := range e.Countries {
		complain(!isCountry(c), "countries", c+" is no country")
	}
	for _, t := range e.Twins {
		complain(!slices.Contains([]VoP{VoPUnsaid, OptIn, OptOut}, t.VoP), "btf", string(t.VoP)+": want opt-in or opt-out")
		complain(e.Content != "" && t.BTF.MsgName != e.Content, "btf", t.BTF.MsgName+" is not the content")
	}
	return all
}
