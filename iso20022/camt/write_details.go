package camt

import (
	"strings"

	"kontor/iso20022/internal/emit"
)

// details are what is written about the only transaction of an entry.
func (n *Entry) details() *Transaction {
	if n.Single != nil {
		return n.Single
	}
	return &Transaction{
		Amount: n.Amount, Credit: n.Credit, MessageID: n.MessageID, PaymentInformationID: n.PaymentInformationID, EndToEndID: n.EndToEndID,
		AccountServicerReference: n.AccountServicerReference, Counterparty: n.Counterparty, CounterpartyIBAN: n.CounterpartyIBAN,
		CounterpartyBIC: n.CounterpartyBIC, Remittance: n.Remittance, ReturnReason: n.ReturnReason,
	}
}

func writeDetails(e *emit.Writer, n *Entry, t *Transaction) {
	e.Open("TxDtls")
	writeReferences(e, t)
	amount, credit := t.Amount, t.Credit
	if amount.Currency == "" {
		amount, credit = n.Amount, n.Credit
	}
	e.Amount("Amt", amount.Decimal(), string(amount.Currency))
	e.Leaf("CdtDbtInd", direction(credit))
	if t.OriginalAmountText != "" && t.OriginalCurrency != "" {
		e.Open("AmtDtls", "InstdAmt")
		e.Amount("Amt", t.OriginalAmountText, t.OriginalCurrency)
		e.Close(2)
	}
	if t.ProprietaryCode+t.TransactionCode != "" {
		writeCode(e, n.Ordinal, t.TransactionCode, t.ProprietaryCode)
	}
	if t.ChargesText != "" && t.ChargesCurrency != "" {
		e.Open("Chrgs")
		e.Amount("TtlChrgsAndTaxAmt", t.ChargesText, t.ChargesCurrency)
		e.Close(1)
	}
	writeParties(e, t, credit == n.Reversal)
	if t.Purpose != "" {
		e.Open("Purp")
		e.Leaf("Cd", t.Purpose)
		e.Close(1)
	}
	writeRemittance(e, t)
	if t.ReturnReason != "" {
		e.Open("RtrInf", "Rsn")
		e.Leaf("Cd", t.ReturnReason)
		e.Close(1)
		for line := range strings.SplitSeq(t.ReturnInformation, "\n") {
			e.Optional("AddtlInf", line)
		}
		e.Close(1)
	}
	e.Optional("AddtlTxInf", t.AdditionalInformation)
	e.Close(1)
}

func writeReferences(e *emit.Writer, t *Transaction) {
	all := []struct{ name, value string }{
		{"MsgId", t.MessageID}, {"AcctSvcrRef", t.AccountServicerReference}, {"PmtInfId", t.PaymentInformationID}, {"InstrId", t.InstructionID},
		{"EndToEndId", t.EndToEndID}, {"UETR", t.UETR}, {"TxId", t.TransactionID}, {"MndtId", t.MandateID}, {"ChqNb", t.ChequeNumber},
		{"ClrSysRef", t.ClearingReference},
	}
	open := false
	for _, r := range all {
		if r.value != "" && !open {
			e.Open("Refs")
			open = true
		}
		e.Optional(r.name, r.value)
	}
	if open {
		e.Close(1)
	}
}

// side is what is said of debtor or creditor.
type side struct{ name, id, iban, account, ultimate string }

func (s side) empty() bool { return s == side{} }

// writeParties writes the other side as creditor or debtor, and of our side what only
// the bank's document tells: the ultimate party, and the creditor identifier.
func writeParties(e *emit.Writer, t *Transaction, otherIsCreditor bool) {
	other := side{name: t.Counterparty, iban: t.CounterpartyIBAN, account: t.CounterpartyAccount, ultimate: t.CounterpartyUltimate}
	debtor, creditor, agent := other, side{ultimate: t.OwnUltimate}, "DbtrAgt"
	if otherIsCreditor {
		debtor, creditor, agent = creditor, debtor, "CdtrAgt"
	}
	creditor.id = t.CreditorID
	if !debtor.empty() || !creditor.empty() {
		e.Open("RltdPties")
		writeSide(e, "Dbtr", debtor)
		writeSide(e, "Cdtr", creditor)
		e.Close(1)
	}
	if t.CounterpartyBIC != "" {
		e.Open("RltdAgts", agent, "FinInstnId")
		e.Leaf("BICFI", t.CounterpartyBIC)
		e.Close(3)
	}
}

func writeSide(e *emit.Writer, role string, s side) {
	if s.name+s.id != "" {
		e.Open(role, "Pty")
		e.Optional("Nm", s.name)
		if s.id != "" {
			e.Open("Id", "PrvtId", "Othr")
			e.Leaf("Id", s.id)
			e.Open("SchmeNm")
			e.Leaf("Prtry", "SEPA")
			e.Close(4)
		}
		e.Close(2)
	}
	switch {
	case s.iban != "":
		e.Open(role+"Acct", "Id")
		e.Leaf("IBAN", s.iban)
		e.Close(2)
	case s.account != "":
		e.Open(role+"Acct", "Id", "Othr")
		e.Leaf("Id", s.account)
		e.Close(3)
	}
	if s.ultimate != "" {
		e.Open("Ultmt"+role, "Pty")
		e.Leaf("Nm", s.ultimate)
		e.Close(2)
	}
}

func writeRemittance(e *emit.Writer, t *Transaction) {
	if t.Remittance+t.CreditorReference+t.DocumentNumber+t.StructuredInformation == "" {
		return
	}
	e.Open("RmtInf")
	for line := range strings.SplitSeq(t.Remittance, "\n") {
		e.Optional("Ustrd", line)
	}
	structured := func(text string, path ...string) {
		if text == "" {
			return
		}
		for line := range strings.SplitSeq(text, "\n") {
			e.Open(path[:len(path)-1]...)
			e.Leaf(path[len(path)-1], line)
			e.Close(len(path) - 1)
		}
	}
	structured(t.CreditorReference, "Strd", "CdtrRefInf", "Ref")
	structured(t.DocumentNumber, "Strd", "RfrdDocInf", "Nb")
	structured(t.StructuredInformation, "Strd", "AddtlRmtInf")
	e.Close(1)
}
