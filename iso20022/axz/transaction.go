package axz

import (
	"strconv"
	"strings"

	"kontor/account"
	"kontor/dtazv"
	"kontor/finding"
	"kontor/money"
)

// transaction is a CdtTrfTxInf in the making; empty parts are left out.
type transaction struct {
	at            finding.Location
	instructionID string
	serviceLevel  string
	purpose       string // category purpose
	amount        money.Amount
	transferTo    money.Currency // CcyOfTrf, if the amount is an equivalent amount
	chargeBearer  string
	cheque        *cheque
	agent         agent
	name          string
	address       address
	account       string
	forCreditor   []instruction // for the creditor's agent
	forDebtor     string        // for the debtor's agent
	remittance    string
}

type cheque struct {
	delivery string
	urgent   bool
	memo     []string
}

type agent struct {
	bic, bankCode, name string
	address             address
}

func (a *agent) empty() bool {
	return a.bic == "" && a.bankCode == "" && a.name == "" && a.address.empty()
}

type instruction struct{ code, info string }

// convert finds a place for everything a payment says, and notes what has none.
func convert(p *dtazv.Payment, n *notes) transaction {
	t := transaction{at: p.At, amount: p.Amount}
	from := record{p.At, n}
	if p.Equivalent {
		t.transferTo = p.Currency
	}
	t.chargeBearer = chargeBearer(p.Charges)
	t.convertType(p, n)
	if p.Cheque() {
		t.convertCheque(p, from)
	} else if p.OrderRemark != [2]string{} {
		n.add(CodeNoHome, "field", p.At, "T11", p.OrderRemark[0])
	}
	t.convertAgent(p, from)
	t.account = from.text("T12", p.CreditorAccount, 34)
	t.name = from.text("T10b", joinNames(p.Creditor[0], p.Creditor[1]), 140)
	t.address = from.address("T10b", p.CreditorCountry, p.Creditor[2], p.Creditor[3], true)
	t.convertInstructions(p, from)
	t.remittance = from.text("T15", joinRunning(p.Remittance[:]), 140)
	if t.instructionID = reference(from.text("T23", p.StatementText, 35)); t.instructionID != "" {
		n.add(CodeMoved, "reference", p.At, "T23", p.StatementText)
	}
	contact, _ := splitContact(p.Contact)
	from.text("T24", contact, 140)
	noteReports(p, n)
	return t
}

// record is where texts come from, and who is told what happens to them.
type record struct {
	at    finding.Location
	notes *notes
}

// text returns a text as the message can hold it: transcribed, and cut where that made
// it too long for its element.
func (r record) text(number, text string, most int) string {
	with, replaced := transcribe(text)
	if replaced {
		r.notes.add(CodeReplaced, "replaced", r.at, number, text)
	}
	if len(with) > most { // transcribed texts are ASCII
		r.notes.add(CodeReplaced, "cut", r.at, number, with[most:], strconv.Itoa(most))
		with = strings.TrimSpace(with[:most])
	}
	return with
}

// address makes an address of two lines. What is wrong with it is noted if it matters.
func (r record) address(number, country, street, place string, matters bool) address {
	a, wrong := newAddress(country, r.text(number, street, 70), r.text(number, place, 70))
	if wrong != "" && matters {
		r.notes.add(CodeAddress, wrong, r.at, number, place)
	}
	a.town = r.text(number, a.town, 35)
	return a
}

// debtor is a Dbtr without its contact.
type debtor struct {
	name    string
	address address
}

func newDebtor(h *dtazv.Header, n *notes) debtor {
	from := record{h.At, n}
	return debtor{
		name:    from.text("Q5", joinNames(h.Originator[0], h.Originator[1]), 140),
		address: from.address("Q5", originatorCountry(h.Originator[3]), h.Originator[2], h.Originator[3], true),
	}
}

func chargeBearer(charges string) string {
	switch charges {
	case "01":
		return "DEBT"
	case "02":
		return "CRED"
	}
	return "SHAR"
}

func (t *transaction) convertType(p *dtazv.Payment, n *notes) {
	switch p.Type {
	case "00":
	case "10":
		t.serviceLevel = "URGP"
	case "11":
		t.serviceLevel = "SDVA" // same day value
	case "13":
		n.add(CodeNoHome, "eu", p.At, "T22", p.Type)
	default:
		if !p.Cheque() {
			n.add(CodeNoHome, "type", p.At, "T22", p.Type, p.Type)
		}
	}
}

// convertCheque: the second digit of the type is how the cheque is delivered, the first
// to whom.
func (t *transaction) convertCheque(p *dtazv.Payment, from record) {
	c := &cheque{}
	way, to := p.Type[1], "CD"
	if p.Type[0] == '3' {
		to = "DB"
	}
	c.delivery = "ML" + to
	if way == '1' || way == '3' {
		c.delivery = "RG" + to
	}
	c.urgent = way == '2' || way == '3'
	for _, remark := range p.OrderRemark {
		if remark != "" {
			c.memo = append(c.memo, from.text("T11", remark, 35))
		}
	}
	t.cheque = c
	from.notes.add(CodeMoved, "cheque", p.At, "T22", p.Type)
}

func (t *transaction) convertAgent(p *dtazv.Payment, from record) {
	switch code, ok := strings.CutPrefix(p.CreditorAgent, "///"); {
	case ok:
		t.agent.bankCode = code
	default:
		t.agent.bic = p.CreditorAgent
	}
	lines := p.CreditorAgentAddress
	if lines == [4]string{} && p.CreditorAgentCountry == "" {
		return
	}
	if strings.EqualFold(joinRunning(lines[:]), "UNBEKANNT") {
		lines = [4]string{}
		from.notes.add(CodeNoHome, "field", p.At, "T9b", "UNBEKANNT")
	}
	t.agent.name = from.text("T9b", joinNames(lines[0], lines[1]), 140)
	known := t.agent.bic != "" || t.agent.bankCode != "" // which tells where the bank is
	t.agent.address = from.address("T9b", p.CreditorAgentCountry, lines[2], lines[3], !known)
}

// Instruction keys by the element that takes their meaning.
var (
	creditorKeys = map[string]string{"02": "CHQB", "04": "HOLD", "09": "PHOB", "10": "TELB"}
	purposeKeys  = map[string]string{"11": "CORT", "12": "INTC"} // trade settlement, intra-company
	debtorKeys   = map[string]string{"06": "PHON", "07": "TELE", "11": "CORT", "12": "INTC"}
)

func (t *transaction) convertInstructions(p *dtazv.Payment, from record) {
	var words []string
	for i, key := range p.Instructions {
		number := "T" + strconv.Itoa(16+i)
		if code := creditorKeys[key]; code != "" {
			t.forCreditor = append(t.forCreditor, instruction{code: code})
			continue
		}
		if purpose := purposeKeys[key]; purpose != "" && (t.purpose == "" || t.purpose == purpose) {
			t.purpose = purpose
			continue
		}
		switch word := debtorKeys[key]; {
		case word != "":
			words = append(words, word)
			from.notes.add(CodeMoved, "instruction", p.At, number, key, key, word)
		case key != "" && key != "91":
			from.notes.add(CodeNoHome, "field", p.At, number, key)
		}
	}
	info := from.text("T20", p.InstructionInfo, 100)
	switch {
	case info == "":
	case len(t.forCreditor) > 0:
		t.forCreditor[0].info = info
	case len(words) > 0:
		words = append(words, info)
		from.notes.add(CodeMoved, "info", p.At, "T20", p.InstructionInfo)
	default:
		t.forCreditor = []instruction{{info: info}}
	}
	t.forDebtor = strings.Join(words, " ")
}

// noteReports notes what is meant for the Bundesbank.
func noteReports(p *dtazv.Payment, n *notes) {
	if len(p.Reports) > 0 {
		n.add(CodeNoHome, "report", p.At, "T27", "", strconv.Itoa(len(p.Reports)))
	}
	if p.ReportKey != "0" {
		n.add(CodeNoHome, "field", p.At, "T25", p.ReportKey)
	}
	if _, company := splitContact(p.Contact); company != "" {
		n.add(CodeNoHome, "field", p.At, "T24", company)
	}
}

// noteHeader notes what of a header has no place.
func (c *converter) noteHeader(h *dtazv.Header) {
	if h.Report {
		c.notes.add(CodeNoHome, "field", h.At, "Q9", "J")
	}
	if h.FederalState != "" {
		c.notes.add(CodeNoHome, "field", h.At, "Q10", h.FederalState)
	}
	if h.Company != "" {
		c.notes.add(CodeNoHome, "field", h.At, "Q11", h.Company)
	}
}

// isIBAN reports whether the creditor's account is an IBAN.
func (t *transaction) isIBAN() bool { return account.CheckIBAN([]byte(t.account)) == nil }
