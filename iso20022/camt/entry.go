package camt

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"

	"kontor/money"
	"kontor/xsd"
)

// entryState is the open Ntry.
type entryState struct {
	arena[[entryValues]span]
	currency span // attribute of Amt
	at       int64
	amount   money.Amount
	charges  charges // of the entry itself
	several  [2]bool // its batches have different identifications: of the message, of the payment information
	out      Entry
}

func (e *entryState) open(offset int64) {
	e.reset()
	e.currency, e.at, e.charges, e.several = span{}, offset, charges{}, [2]bool{}
}

func (e *entryState) value(role xsd.Role, text, currency []byte) {
	if role == roleFamily || role == roleSubFamily {
		e.join(&e.spans[roleDomain-roleEntryValues], text)
		return
	}
	at := &e.spans[role-roleEntryValues]
	if role == roleBatchCount && !at.empty() { // each NtryDtls may have its batch: the entry has all of their transactions
		if before, more := count(string(e.bytes(*at))), count(string(text)); before >= 0 && more >= 0 {
			text = strconv.AppendInt(nil, int64(before)+int64(more), 10)
		}
	}
	if (role == roleBatchMessageID || role == roleBatchPaymentInformationID) && e.severalOf(role, text) {
		*at = span{}
		return
	}
	*at = e.add(text)
	if role == roleAmount {
		e.currency = e.add(currency)
	}
}

// severalOf reports whether batches of the entry have different identifications: it
// belongs to none of them alone.
func (e *entryState) severalOf(role xsd.Role, text []byte) bool {
	several := &e.several[role-roleBatchMessageID]
	before := e.get(role)
	*several = *several || len(before) > 0 && !bytes.Equal(before, text)
	return *several
}

func (e *entryState) get(role xsd.Role) []byte { return e.bytes(e.spans[role-roleEntryValues]) }

// detailState is the open TxDtls, and what is known of those before it in the entry.
type detailState struct {
	arena[[detailValues]span]
	currencies [3]span // attributes of Amt, of the original amount, of the charges
	at         int64
	lines      []byte // all Ustrd, joined by line feeds
	count      int
	sum        money.Amount
	charges    charges // of all of them
	records    charges // of the open one, without its total
	partly     bool    // an amount is missing, inexact, in another currency or in the other direction: the sum says nothing
	messageID  []byte
	paymentID  []byte
	single     Transaction // the first one
	amount     money.Amount
}

func (t *detailState) begin() {
	t.count, t.sum, t.partly, t.charges = 0, money.Amount{}, false, charges{}
	t.messageID, t.paymentID = t.messageID[:0], t.paymentID[:0]
}

func (t *detailState) open(offset int64) {
	t.reset()
	t.currencies, t.at, t.lines, t.records = [3]span{}, offset, t.lines[:0], charges{}
}

func (t *detailState) value(role xsd.Role, text, currency []byte) {
	if role == roleUnstructured {
		if room := maxArena - len(t.lines); len(text) < room {
			if len(t.lines) > 0 {
				t.lines = append(t.lines, '\n')
			}
			t.lines = append(t.lines, text...)
		}
		return
	}
	at := role - roleDetailValues
	if role == roleTxFamily || role == roleTxSubFamily {
		t.join(&t.spans[roleTxDomain-roleDetailValues], text)
		return
	}
	if repeats(role) && !t.spans[at].empty() {
		t.spans[at] = t.add(bytes.Join([][]byte{t.bytes(t.spans[at]), text}, []byte("\n")))
		return
	}
	t.spans[at] = t.add(text)
	switch role {
	case roleTxAmount:
		t.currencies[0] = t.add(currency)
	case roleTxPlainAmount:
		if t.spans[roleTxAmount-roleDetailValues].empty() {
			t.spans[roleTxAmount-roleDetailValues], t.currencies[0] = t.spans[at], t.add(currency)
		}
	case roleTxOriginalAmount:
		t.currencies[1] = t.add(currency)
	case roleTxCharges:
		t.currencies[2] = t.add(currency)
	}
}

// repeats says whether a value may come several times, as the text of a return does in
// pieces of 105 characters; each becomes a line.
func repeats(role xsd.Role) bool {
	return role == roleReturnInformation || role == roleCreditorReference || role == roleDocumentNumber || role == roleStructuredInformation
}

func (t *detailState) get(role xsd.Role) []byte { return t.bytes(t.spans[role-roleDetailValues]) }

// closeDetails ends a transaction: it keeps what all of the entry have in common, and
// makes texts of it only if somebody wants them, or if it may be the only one.
func (d *reader) closeDetails(offset, end int64) error {
	t := &d.details
	t.count++
	d.addUp(t)
	d.checkIBANs(t, offset)
	if t.count == 1 {
		t.messageID = append(t.messageID, t.get(roleTxMessageID)...)
		t.paymentID = append(t.paymentID, t.get(roleTxPaymentInformationID)...)
		if d.visitor.Entry != nil || d.visitor.Transaction != nil {
			d.transaction(t, offset, end)
		}
	} else {
		if !bytes.Equal(t.messageID, t.get(roleTxMessageID)) {
			t.messageID = t.messageID[:0]
		}
		if !bytes.Equal(t.paymentID, t.get(roleTxPaymentInformationID)) {
			t.paymentID = t.paymentID[:0]
		}
		if d.visitor.Transaction != nil {
			d.transaction(t, offset, end)
		}
	}
	if d.visitor.Transaction == nil {
		return nil
	}
	if err := d.visitor.Transaction(&t.single); err != nil {
		return fmt.Errorf("handing out transaction %d of entry %d: %w", t.count, d.statement.EntryCount+1, err)
	}
	return nil
}

// transaction fills t.single from the arena.
func (d *reader) transaction(t *detailState, offset, end int64) {
	lines := t.add(t.lines)
	text := string(t.text)
	at := func(role xsd.Role) string { return t.spans[role-roleDetailValues].of(text) }
	direction := at(roleTxDirection)
	if direction == "" {
		direction = string(d.entry.get(roleDirection))
	}
	out := &t.single
	*out = Transaction{
		Ordinal: t.count - 1, AmountText: at(roleTxAmount), Currency: t.currencies[0].of(text),
		Credit: direction == "CRDT", DirectionUnknown: direction != "CRDT" && direction != "DBIT",
		MessageID: at(roleTxMessageID), PaymentInformationID: at(roleTxPaymentInformationID), AccountServicerReference: at(roleTxServicerReference),
		InstructionID: at(roleTxInstructionID), EndToEndID: at(roleTxEndToEndID), TransactionID: at(roleTxID), UETR: at(roleTxUETR),
		MandateID: at(roleTxMandate), CreditorID: at(roleCreditorID), ChequeNumber: at(roleTxCheque), ClearingReference: at(roleTxClearing),
		TransactionCode: at(roleTxDomain), ProprietaryCode: at(roleTxProprietary),
		OriginalAmountText: at(roleTxOriginalAmount), OriginalCurrency: t.currencies[1].of(text),
		ChargesText: at(roleTxCharges), ChargesCurrency: t.currencies[2].of(text),
		Purpose: at(rolePurpose), Remittance: lines.of(text), CreditorReference: at(roleCreditorReference),
		DocumentNumber: at(roleDocumentNumber), StructuredInformation: at(roleStructuredInformation),
		ReturnReason: at(roleReturnReason), ReturnInformation: at(roleReturnInformation), AdditionalInformation: at(roleAdditionalTx),
		At: offset, Length: end - offset,
	}
	out.Amount = t.amount
	if out.ChargesText == "" && t.records.exact() {
		out.ChargesText, out.ChargesCurrency = t.records.sum.Decimal(), string(t.records.sum.Currency)
	}
	if out.DirectionUnknown {
		return
	}
	creditor := party{at(roleCreditor), at(roleCreditorIBAN), at(roleCreditorAccount), at(roleCreditorBIC), at(roleUltimateCreditor)}
	debtor := party{at(roleDebtor), at(roleDebtorIBAN), at(roleDebtorAccount), at(roleDebtorBIC), at(roleUltimateDebtor)}
	other, own := debtor, creditor
	if out.Credit == d.reversal() { // who was paid what was debited
		other, own = creditor, debtor
	}
	if d.original(other, own, out.ReturnReason != "") {
		other, own, out.OriginalParties = own, other, true
	}
	out.Counterparty, out.CounterpartyIBAN, out.CounterpartyAccount = other.name, other.iban, other.account
	out.CounterpartyBIC, out.CounterpartyUltimate = other.bic, other.ultimate
	out.Own, out.OwnIBAN, out.OwnAccount, out.OwnUltimate = own.name, own.iban, own.account, own.ultimate
}

// party is what a transaction says of debtor or creditor.
type party struct{ name, iban, account, bic, ultimate string }

// ours reports whether the account of a party is that of the statement.
func (d *reader) ours(p party) bool {
	return p.iban != "" && p.iban == d.statement.IBAN || p.account != "" && p.account == d.statement.OtherAccount
}

// original reports whether debtor and creditor are those of the payment that comes back,
// so that the direction leads to ourselves instead of the other side: banks write
// returns either way.
func (d *reader) original(other, own party, returned bool) bool {
	switch {
	case d.ours(own):
		return false
	case d.ours(other):
		return own.name+own.iban+own.account != ""
	case !returned || other.iban+other.account != "":
		return false
	}
	return own.iban+own.account != "" || other.name == "" && own.name != ""
}
func (d *reader) reversal() bool { return isTrue(d.entry.get(roleReversal)) }

// closeEntry completes the entry from its details.
func (d *reader) closeEntry(offset, end int64) error {
	t := &d.details
	d.judgeEntry(offset)
	d.statement.EntryCount++
	if d.visitor.Entry == nil {
		return nil
	}
	e := d.fill(offset, end)
	if !d.entry.batched() {
		e.MessageID, e.PaymentInformationID = string(t.messageID), string(t.paymentID)
	}
	if t.count == 1 {
		single := &t.single
		e.TransactionCode, e.ProprietaryCode = cmp.Or(e.TransactionCode, single.TransactionCode), cmp.Or(e.ProprietaryCode, single.ProprietaryCode)
		if e.Transactions <= 1 {
			d.onlyTransaction(e, single)
		}
	} else if t.count > 1 && d.visitor.Transaction == nil {
		e.TransactionCode, e.ProprietaryCode = cmp.Or(e.TransactionCode, t.single.TransactionCode), cmp.Or(e.ProprietaryCode, t.single.ProprietaryCode)
	}
	if err := d.visitor.Entry(e); err != nil {
		return fmt.Errorf("handing out entry %d: %w", e.Ordinal, err)
	}
	return nil
}

// onlyTransaction gives the entry what belongs to its one transaction, and that what
// only the entry says.
func (d *reader) onlyTransaction(e *Entry, t *Transaction) {
	e.Single = t
	e.EndToEndID = t.EndToEndID
	e.AccountServicerReference = cmp.Or(e.AccountServicerReference, t.AccountServicerReference)
	if !e.DirectionUnknown {
		e.Counterparty, e.CounterpartyIBAN, e.CounterpartyBIC = t.Counterparty, t.CounterpartyIBAN, t.CounterpartyBIC
	}
	e.Remittance = t.RemittanceText()
	e.ReturnReason = t.ReturnReason
	t.TransactionCode, t.ProprietaryCode = cmp.Or(t.TransactionCode, e.TransactionCode), cmp.Or(t.ProprietaryCode, e.ProprietaryCode)
	if t.AmountText == "" {
		t.Amount, t.AmountText, t.Currency = e.Amount, e.AmountText, e.Currency
	}
}

// batched says whether the batch itself gave identifications.
func (e *entryState) batched() bool {
	return !e.spans[roleBatchMessageID-roleEntryValues].empty() || !e.spans[roleBatchPaymentInformationID-roleEntryValues].empty()
}

// fill makes the entry from its arena.
func (d *reader) fill(offset, end int64) *Entry {
	s := &d.entry
	text := string(s.text)
	at := func(role xsd.Role) string { return s.spans[role-roleEntryValues].of(text) }
	direction := at(roleDirection)
	s.out = Entry{
		Ordinal: d.statement.EntryCount - 1, AmountText: at(roleAmount), Currency: s.currency.of(text),
		Credit: direction == "CRDT", DirectionUnknown: direction != "CRDT" && direction != "DBIT", Reversal: isTrue(s.get(roleReversal)),
		Status: at(roleStatus), BookingDate: at(roleBooked), ValueDate: at(roleValued), Reference: at(roleReference),
		AccountServicerReference: at(roleServicerReference),
		TransactionCode:          at(roleDomain), ProprietaryCode: at(roleProprietary),
		MessageID: at(roleBatchMessageID), PaymentInformationID: at(roleBatchPaymentInformationID),
		AdditionalInformation: at(roleAdditional), At: offset, Length: end - offset,
	}
	s.out.Amount = s.amount
	if s.out.Transactions = count(at(roleBatchCount)); s.out.Transactions <= 0 {
		s.out.Transactions = max(d.details.count, 1)
	}
	return &s.out
}
