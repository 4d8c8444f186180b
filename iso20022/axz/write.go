package axz

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"kontor/account"
	"kontor/dtazv"
	"kontor/iso20022/internal/emit"
	"kontor/money"
)

// schemaFile is what German banks call the schema of AXZ. It says which kind of credit
// transfer this is: without it, the account alone would make it one of SEPA.
const schemaFile = "pain.001.001.09_AXZ_GBIC_5.xsd"

// write reads the file again and writes the message.
func (c *converter) write(w io.Writer, r io.Reader) error {
	e := emit.NewLocated(w, "pain.001.001.09", schemaFile)
	e.Open("CstmrCdtTrfInitn")
	c.writeGroupHeader(e)
	next := 0
	_, _, err := dtazv.Read(r, c.options.Read, dtazv.Visitor{Payment: func(p *dtazv.Payment) error {
		key := keyOf(p)
		if next == 0 || c.batches[next-1].key != key {
			if next == len(c.batches) || c.batches[next].key != key {
				return errors.New("the file has changed while it was converted")
			}
			if next > 0 {
				e.Close(1)
			}
			next++
			c.openBatch(e, next, p)
		}
		t := convert(p, nil)
		writeTransaction(e, &t)
		return nil
	}})
	if err != nil {
		return fmt.Errorf("converting DTAZV: %w", err)
	}
	if err := e.Finish(); err != nil {
		return fmt.Errorf("converting DTAZV: %w", err)
	}
	return nil
}

func (c *converter) writeGroupHeader(e *emit.Writer) {
	count, sum := 0, money.Total{}
	for i := range c.batches {
		count += c.batches[i].count
		if err := sum.Add(c.batches[i].sum.String()); err != nil {
			e.Fail(fmt.Errorf("adding amounts: %w", err))
		}
	}
	e.Open("GrpHdr")
	e.Leaf("MsgId", c.messageID)
	e.Leaf("CreDtTm", c.options.Created.Format(time.RFC3339))
	e.Leaf("NbOfTxs", strconv.Itoa(count))
	e.Leaf("CtrlSum", sum.String())
	e.Open("InitgPty")
	e.Optional("Nm", c.initiator)
	e.Close(2)
}

// openBatch writes a PmtInf up to its transactions. The first payment tells all that
// they have in common.
func (c *converter) openBatch(e *emit.Writer, number int, p *dtazv.Payment) {
	b := &c.batches[number-1]
	e.Open("PmtInf")
	e.Leaf("PmtInfId", fmt.Sprintf("%.24s-%d", c.messageID, number))
	e.Leaf("PmtMtd", map[bool]string{true: "CHK", false: "TRF"}[b.key.cheque])
	e.Leaf("NbOfTxs", strconv.Itoa(b.count))
	e.Leaf("CtrlSum", b.sum.String())
	if b.key.day == "" || p.Header == nil {
		e.Fail(fmt.Errorf("%w: payment at %s: day or originator is missing", ErrContent, p.At))
		return
	}
	e.Open("ReqdExctnDt")
	e.Leaf("Dt", b.key.day)
	e.Close(1)
	writeDebtor(e, p.Header, b.key.contact)
	c.writeOwnAccount(e, "DbtrAcct", b.key.debtor, b.key.currency)
	e.Open("DbtrAgt", "FinInstnId")
	if c.options.DebtorAgent != "" {
		e.Leaf("BICFI", string(c.options.DebtorAgent))
	} else {
		e.Open("Othr")
		e.Leaf("Id", "NOTPROVIDED")
		e.Close(1)
	}
	e.Close(2)
	if b.key.charges.BankCode != "" {
		c.writeOwnAccount(e, "ChrgsAcct", b.key.charges, b.key.chargesC)
	}
}

func writeDebtor(e *emit.Writer, h *dtazv.Header, contact string) {
	e.Open("Dbtr")
	d := newDebtor(h, nil)
	e.Optional("Nm", d.name)
	writeAddress(e, &d.address)
	if contact != "" {
		text, _ := transcribe(contact)
		e.Open("CtctDtls")
		e.Leaf("Nm", text)
		e.Close(1)
	}
	e.Close(1)
}

func (c *converter) writeOwnAccount(e *emit.Writer, element string, a GermanAccount, currency money.Currency) {
	iban, _ := c.iban(a)
	if _, err := account.ParseIBAN(string(iban)); err != nil {
		e.Fail(fmt.Errorf("%w: own account: %w", ErrContent, err))
		return
	}
	e.Open(element, "Id")
	e.Leaf("IBAN", string(iban))
	e.Close(1)
	e.Optional("Ccy", string(currency))
	e.Close(1)
}

func writeAddress(e *emit.Writer, a *address) {
	if a.empty() {
		return
	}
	e.Open("PstlAdr")
	e.Optional("StrtNm", a.street)
	e.Optional("PstCd", a.postCode)
	e.Optional("TwnNm", a.town)
	e.Optional("Ctry", a.country)
	for _, line := range a.lines {
		e.Leaf("AdrLine", line)
	}
	e.Close(1)
}

func writeTransaction(e *emit.Writer, t *transaction) {
	if t.amount.Minor <= 0 {
		e.Fail(fmt.Errorf("%w: payment at %s has no amount", ErrContent, t.at))
		return
	}
	e.Open("CdtTrfTxInf", "PmtId")
	e.Optional("InstrId", t.instructionID)
	e.Leaf("EndToEndId", "NOTPROVIDED")
	e.Close(1)
	writeType(e, t)
	writeAmount(e, t)
	e.Leaf("ChrgBr", t.chargeBearer)
	if t.cheque != nil {
		writeCheque(e, t.cheque)
	}
	if !t.agent.empty() {
		writeAgent(e, &t.agent)
	}
	e.Open("Cdtr")
	e.Optional("Nm", t.name)
	writeAddress(e, &t.address)
	e.Close(1)
	if t.account != "" {
		e.Open("CdtrAcct", "Id")
		if t.isIBAN() {
			e.Leaf("IBAN", t.account)
		} else {
			e.Open("Othr")
			e.Leaf("Id", t.account)
			e.Close(1)
		}
		e.Close(2)
	}
	for _, i := range t.forCreditor {
		e.Open("InstrForCdtrAgt")
		e.Optional("Cd", i.code)
		e.Optional("InstrInf", i.info)
		e.Close(1)
	}
	e.Optional("InstrForDbtrAgt", t.forDebtor)
	if t.remittance != "" {
		e.Open("RmtInf")
		e.Leaf("Ustrd", t.remittance)
		e.Close(1)
	}
	e.Close(1)
}

func writeType(e *emit.Writer, t *transaction) {
	if t.serviceLevel == "" && t.purpose == "" {
		return
	}
	e.Open("PmtTpInf")
	for _, part := range []struct{ element, code string }{{"SvcLvl", t.serviceLevel}, {"CtgyPurp", t.purpose}} {
		if part.code != "" {
			e.Open(part.element)
			e.Leaf("Cd", part.code)
			e.Close(1)
		}
	}
	e.Close(1)
}

func writeAmount(e *emit.Writer, t *transaction) {
	e.Open("Amt")
	if t.transferTo == "" {
		e.Amount("InstdAmt", t.amount.Decimal(), string(t.amount.Currency))
	} else {
		e.Open("EqvtAmt")
		e.Amount("Amt", t.amount.Decimal(), string(t.amount.Currency))
		e.Leaf("CcyOfTrf", string(t.transferTo))
		e.Close(1)
	}
	e.Close(1)
}

func writeCheque(e *emit.Writer, c *cheque) {
	e.Open("ChqInstr", "DlvryMtd")
	e.Leaf("Cd", c.delivery)
	e.Close(1)
	if c.urgent {
		e.Leaf("InstrPrty", "HIGH")
	}
	for _, memo := range c.memo {
		e.Leaf("MemoFld", memo)
	}
	e.Close(1)
}

func writeAgent(e *emit.Writer, a *agent) {
	e.Open("CdtrAgt", "FinInstnId")
	e.Optional("BICFI", a.bic)
	if a.bankCode != "" {
		e.Open("ClrSysMmbId", "ClrSysId")
		e.Leaf("Cd", "DEBLZ")
		e.Close(1)
		e.Leaf("MmbId", a.bankCode)
		e.Close(1)
	}
	e.Optional("Nm", a.name)
	writeAddress(e, &a.address)
	e.Close(2)
}
