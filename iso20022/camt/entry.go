package camt

import (
	"bytes"
	"cmp"
	"fmt"

	"kontor/money"
	"kontor/xsd"
)

// entryState is the open Ntry.
type entryState struct {
	arena[[entryValues]span]
	currency span // attribute of Amt
	at       int64
	amount   money.Amount
	out      Entry
}

func (e *entryState) open(offset int64) {
	e.reset()
	e.currency, e.at = span{}, offset
}

func (e *entryState) value(role xsd.Role, text, currency []byte) {
	if role == roleFamily || role == roleSubFamily {
		e.join(&e.spans[roleDomain-roleEntryValues], text)
		return
	}
	e.spans[role-roleEntryValues] = e.add(text)
	if role == roleAmount {
		e.currency = e.add(currency)
	}
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
	partly     bool // an amount is missing, inexact, in another currency or in the other direction: the sum says nothing
	messageID  []byte
	paymentID  []byte
	single     Transaction // the first one
	amount     money.Amount
}

func (t *detailState) begin() {
	t.count, t.sum, t.partly = 0, money.Amount{}, false
	t.messageID, t.paymentID = t.messageID[:0], t.paymentID[:0]
}

func (t *detailState) open(offset int64) {
	t.reset()
	t.currencies, t.at, t.lines = [3]span{}, offset, t.lines[:0]
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
	if role == roleReturnInformation && !t.spans[at].empty() { // it may come in pieces of 105 characters
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
		ReturnReason: at(roleReturnReason), ReturnInformation: at(roleReturnInformation), AdditionalInformation: at(roleAdditionalTx),
		At: offset, Length: end - offset,
	}
	out.Amount = t.amount
	if out.DirectionUnknown {
		return
	}
	if out.Credit == d.reversal() { // who was paid what was debited
		out.Counterparty, out.CounterpartyIBAN, out.CounterpartyAccount = at(roleCreditor), at(roleCreditorIBAN), at(roleCreditorAccount)
		out.CounterpartyBIC, out.CounterpartyUltimate, out.OwnUltimate = at(roleCreditorBIC), at(roleUltimateCreditor), at(roleUltimateDebtor)
		return
	}
	out.Counterparty, out.CounterpartyIBAN, out.CounterpartyAccount = at(roleDebtor), at(roleDebtorIBAN), at(roleDebtorAccount)
	out.CounterpartyBIC, out.CounterpartyUltimate, out.OwnUltimate = at(roleDebtorBIC), at(roleUltimateDebtor), at(roleUltimateCreditor)
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
	e.Remittance = cmp.Or(t.Remittance, t.CreditorReference)
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
