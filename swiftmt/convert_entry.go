package swiftmt

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
	"kontor/iso20022/camt"
	"kontor/money"
)

// entry converts and writes one entry of a camt document.
func (c *fromCamt) entry(n *camt.Entry) error {
	if err := c.begin(); err != nil {
		return err
	}
	at := c.at(n.At, "Ntry", n.Ordinal)
	m := c.known[c.next]
	if n.Status == "INFO" || n.Status == "PDNG" && m.Format == MT940 {
		c.lost("Ntry with status "+n.Status, at)
		return nil
	}
	if n.Amount.Currency == "" || n.DirectionUnknown {
		return fmt.Errorf("%w: entry %d of statement %d has no exact amount or no direction", ErrContent, n.Ordinal+1, c.next+1)
	}
	e := &Entry{Ordinal: n.Ordinal, Amount: n.Amount, Mark: c.mark(n, at), FundsCode: n.Amount.Currency[2]}
	c.dates(e, n, at)
	if n.Transactions > 1 {
		c.add(CodeNoHome, "batch", "NtryDtls", at)
	}
	t := n.Single
	if t == nil {
		t = &camt.Transaction{MessageID: n.MessageID, PaymentInformationID: n.PaymentInformationID, ProprietaryCode: n.ProprietaryCode, TransactionCode: n.TransactionCode}
	}
	c.references(e, n, t, at)
	c.code(e, n, t, at)
	c.amounts(e, t, at)
	c.information(e, n, t, at)
	if err := c.fit(e, at); err != nil {
		return err
	}
	c.writer.put(c.writer.entry) // fit has composed it
	c.result.Entries++
	return c.writer.err
}

func (c *fromCamt) mark(n *camt.Entry, at finding.Location) Mark {
	switch {
	case n.Status == "PDNG":
		if n.Reversal {
			c.lost("RvslInd", at)
		}
		if n.Credit {
			return ExpectedCredit
		}
		return ExpectedDebit
	case n.Reversal && n.Credit: // a debit is taken back
		return ReversedDebit
	case n.Reversal:
		return ReversedCredit
	case n.Credit:
		return Credit
	}
	return Debit
}

// dates: MT940 cannot do without a value date, so one is derived from the booking date,
// else from the closing balance or the time of creation. The booking date must lie within
// half a year of it.
func (c *fromCamt) dates(e *Entry, n *camt.Entry, at finding.Location) {
	value, booked := dayOf(n.ValueDate), dayOf(n.BookingDate)
	switch {
	case value.IsZero() && booked.IsZero():
		m := c.known[c.next]
		e.ValueDate = cmp.Or(m.Closing.Date, dayOf(m.CreationDateTime))
		c.add(CodeDerived, "derived", "ValDt", at)
		return
	case value.IsZero():
		c.add(CodeDerived, "derived", "ValDt", at)
		value = booked
	}
	e.ValueDate = value
	if booked.IsZero() {
		return
	}
	text := strings.ReplaceAll(booked.String()[5:], "-", "")
	if back, ok, exact := entryDate([]byte(text), value); ok && exact && back == booked {
		e.EntryDate = booked
		return
	}
	c.lost("BookgDt", at)
}

// dayOf returns the day of a date or of a date and time, zero if it is neither.
func dayOf(text string) calendar.Date {
	d, err := calendar.Parse(text[:min(10, len(text))])
	if err != nil {
		return calendar.Date{}
	}
	return d
}

// references fills both references of :61:. The customer's one is the identification of
// the payment information, else of the message; KREF+ takes what is longer than 16
// characters, and the first if both are there.
func (c *fromCamt) references(e *Entry, n *camt.Entry, t *camt.Transaction, at finding.Location) {
	reference := func(what, value string) string {
		return c.cut(what, c.clean(what, value, c.o.Charset, at), 35, at)
	}
	message, payment := reference("Refs/MsgId", t.MessageID), reference("Refs/PmtInfId", t.PaymentInformationID)
	switch {
	case payment == "" || message == payment:
		payment, message = message, ""
		if payment != "" && short(payment) {
			payment, message = "", payment
		}
	case message != "" && !short(message):
		c.lost("Refs/MsgId", at)
		message = ""
	case message == "" && short(payment):
		payment, message = "", payment
	}
	e.Information.CustomerReference = bytesOf(payment)
	switch {
	case message != "":
		e.CustomerReference = []byte(message)
	case payment != "":
		e.CustomerReference = []byte("KREF+")
	default:
		e.CustomerReference = []byte("NONREF")
	}
	servicer := cmp.Or(n.AccountServicerReference, t.AccountServicerReference)
	if t.AccountServicerReference != servicer {
		c.lostIf(at, "TxDtls/Refs/AcctSvcrRef", t.AccountServicerReference)
	}
	e.BankReference = bytesOf(c.cut("AcctSvcrRef", c.clean("AcctSvcrRef", servicer, c.o.Charset, at), 16, at))
	c.lostIf(at, "NtryRef", n.Reference, "Refs/InstrId", t.InstructionID, "Refs/TxId", t.TransactionID, "Refs/UETR", t.UETR,
		"Refs/ChqNb", t.ChequeNumber, "Refs/ClrSysRef", t.ClearingReference)
}

// short reports whether a reference fits into :61:.
func short(reference string) bool {
	return len(reference) <= 16 && !strings.Contains(reference, "//") && !strings.HasSuffix(reference, "/") && reference != "KREF+"
}

// code fills type, business transaction code, primanota and text key: from the
// proprietary code "NTRF+166+9310+992" of DK, else from the code of ISO 20022.
func (c *fromCamt) code(e *Entry, n *camt.Entry, t *camt.Transaction, at finding.Location) {
	proprietary, domain := cmp.Or(t.ProprietaryCode, n.ProprietaryCode), cmp.Or(t.TransactionCode, n.TransactionCode)
	i := &e.Information
	i.Dialect = Structured
	part := strings.Split(proprietary, "+")
	if len(part[0]) == 4 && strings.Contains("NFS", part[0][:1]) && len(part) <= 4 && (len(part) == 1 || len(part[1]) == 3 && digits([]byte(part[1]), 3) >= 0) {
		e.Type = []byte(part[0])
		part = append(part, "", "", "")
		i.Code = bytesOf(part[1])
		i.Primanota = bytesOf(c.cut("BkTxCd/Prtry primanota", c.clean("BkTxCd/Prtry", part[2], c.o.Charset, at), 10, at))
		i.Extension = bytesOf(c.cut("BkTxCd/Prtry text key", c.clean("BkTxCd/Prtry", part[3], c.o.Charset, at), 3, at))
	} else {
		c.lostIf(at, "BkTxCd/Prtry", proprietary)
	}
	if len(i.Code) > 0 {
		if domain != "" && domainOf(string(i.Code)) != domain {
			c.lost("BkTxCd/Domn", at)
		}
		return
	}
	code, swift, known := codeOf(domain)
	if !known {
		c.lostIf(at, "BkTxCd/Domn", domain)
		c.add(CodeDerived, "derived", "GVC", at)
	}
	i.Code = []byte(code)
	if e.Type == nil {
		e.Type = []byte(swift)
	}
}

// amounts puts original amount and charges into the second line of :61:.
func (c *fromCamt) amounts(e *Entry, t *camt.Transaction, at finding.Location) {
	part := func(code, text, currency string) string {
		if text == "" {
			return ""
		}
		a, err := money.ParseReported(text, money.Currency(currency))
		if err != nil {
			c.lost(code, at)
			return ""
		}
		return "/" + code + "/" + currency + written(a) + "/"
	}
	original, charges := part("OCMT", t.OriginalAmountText, t.OriginalCurrency), part("CHGS", t.ChargesText, t.ChargesCurrency)
	if len(original)+len(charges) > 34 {
		c.lost("TtlChrgsAndTaxAmt", at)
		charges = ""
	}
	e.Supplementary = bytesOf(original + charges)
}

// information fills :86:.
func (c *fromCamt) information(e *Entry, n *camt.Entry, t *camt.Transaction, at finding.Location) {
	i := &e.Information
	text := func(what, value string, most int) []byte {
		return bytesOf(c.cut(what, c.clean(what, value, c.o.Charset, at), most, at))
	}
	booking := n.AdditionalInformation
	if booking == "" {
		booking = t.AdditionalInformation
	} else if t.AdditionalInformation != booking {
		c.lostIf(at, "AddtlTxInf", t.AdditionalInformation)
	}
	i.BookingText = text("AddtlNtryInf", booking, subfieldWidth)
	i.BankCode = text("RltdAgts BICFI", t.CounterpartyBIC, 12)
	i.Account = text("RltdPties account", cmp.Or(t.CounterpartyIBAN, t.CounterpartyAccount), 34)
	i.Name = text("RltdPties Nm", t.Counterparty, 2*subfieldWidth)
	if t.EndToEndID != "NOTPROVIDED" {
		i.EndToEndID = text("Refs/EndToEndId", t.EndToEndID, 35)
	}
	i.MandateID = text("Refs/MndtId", t.MandateID, 35)
	i.CreditorID = text("creditor identifier", t.CreditorID, 35)
	i.Purpose = text("Purp", t.Purpose, 35)
	i.UltimateRecipient, i.UltimateOriginator = text("UltmtCdtr", ultimate(n, t, true), 70), text("UltmtDbtr", ultimate(n, t, false), 70)
	c.ownSide(t, at)
	remittance := t.RemittanceText()
	if t.Remittance != "" {
		c.lostIf(at, "Strd/CdtrRefInf/Ref", t.CreditorReference, "Strd/RfrdDocInf/Nb", t.DocumentNumber, "Strd/AddtlRmtInf", t.StructuredInformation)
	}
	var lines []string
	if t.ReturnReason != "" {
		lines = append(lines, returnPrefix+t.ReturnReason)
	}
	lines = append(lines, strings.Split(t.ReturnInformation, "\n")...)
	for line := range strings.SplitSeq(remittance, "\n") {
		lines = append(lines, c.clean("RmtInf", line, c.o.Charset, at))
	}
	kept := lines[:0]
	for _, line := range lines {
		if line != "" {
			kept = append(kept, line)
		}
	}
	i.Remittance = bytesOf(strings.Join(kept, "\n"))
}

// ownSide: MT940 names only the other side. That ours is ourselves needs no word; what
// may be somebody else is named.
func (c *fromCamt) ownSide(t *camt.Transaction, at finding.Location) {
	own := c.own[c.next]
	if t.OwnIBAN != "" && t.OwnIBAN != own {
		c.lost("RltdPties account of the own side", at)
	}
	nobody := t.Counterparty+t.CounterpartyIBAN+t.CounterpartyAccount == ""
	if t.Own != "" && (nobody || t.OwnIBAN != "" && t.OwnIBAN != own) {
		c.lost("RltdPties Nm of the own side", at)
	}
}

// ultimate returns the ultimate creditor or debtor.
func ultimate(n *camt.Entry, t *camt.Transaction, creditor bool) string {
	otherIsCreditor := (n.Credit == n.Reversal) != t.OriginalParties
	if creditor == otherIsCreditor {
		return t.CounterpartyUltimate
	}
	return t.OwnUltimate
}

// fit makes an entry one that can be written: what stands in the way of the remittance
// gives way, last its end.
func (c *fromCamt) fit(e *Entry, at finding.Location) error {
	i := &e.Information
	err := c.writer.Check(e)
	if err == nil {
		return nil
	}
	if bytes.IndexByte(i.Remittance, '\n') >= 0 { // a line of exactly 27 characters would run into the next
		i.Remittance = bytes.ReplaceAll(i.Remittance, []byte("\n"), []byte(" "))
		if err = c.writer.Check(e); err == nil {
			return nil
		}
	}
	if bytes.IndexByte(i.Remittance, '+') >= 0 { // looks like a keyword
		plain := *e
		plain.Information.Remittance = bytes.ReplaceAll(i.Remittance, []byte("+"), []byte(" "))
		if c.writer.Check(&plain) == nil {
			c.add(CodeReplaced, "characters", "RmtInf", at)
			*e = plain
			return nil
		}
	}
	for len(i.Remittance) > 0 && errors.Is(err, ErrContent) {
		runes := []rune(string(i.Remittance))
		i.Remittance = bytesOf(strings.TrimSpace(string(runes[:max(0, len(runes)-subfieldWidth)])))
		if err = c.writer.Check(e); err == nil {
			c.add(CodeShortened, "cut", "RmtInf", at)
			return nil
		}
	}
	return fmt.Errorf("entry %d: %w", e.Ordinal+1, err)
}

// isIBAN reports whether a text is an IBAN with right check digits.
func isIBAN(b []byte) bool { return account.CheckIBAN(b) == nil }

// isBIC reports whether a text has the form of a BIC.
func isBIC(b []byte) bool { return account.CheckBIC(b) == nil }
