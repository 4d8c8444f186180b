package benchdata

import (
	"fmt"
	"io"
	"strconv"
)

// Layout says how an XML file is laid out.
type Layout struct {
	Indent bool // every element on a line of its own, as many programs write; otherwise each payment on one line
}

// batch is how many payments one payment information has.
const batch = 10_000

// CreditTransfer writes a pain.001.001.09 in the form of GBIC_5 with so many payments,
// at least one, in payment informations of 10,000. It has no findings: counts and sums
// are right. About 600 bytes a payment without indentation.
func CreditTransfer(w io.Writer, payments int, l Layout) error {
	if payments < 1 {
		return fmt.Errorf("writing benchmark data: %d payments", payments)
	}
	out := &xmlWriter{writer: newWriter(w), indent: l.Indent}
	out.text(`<?xml version="1.0" encoding="UTF-8"?>`, "\n",
		`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `,
		`xsi:schemaLocation="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09 pain.001.001.09_GBIC_5.xsd">`)
	out.depth = 1
	out.open("CstmrCdtTrfInitn")
	out.open("GrpHdr")
	out.leaf("MsgId", "BENCH-"+strconv.Itoa(payments))
	out.leaf("CreDtTm", "2026-11-20T08:00:00+01:00")
	out.leaf("NbOfTxs", strconv.Itoa(payments))
	out.leaf("CtrlSum", sum(0, payments))
	out.open("InitgPty")
	out.leaf("Nm", "Muster Werkzeugbau GmbH")
	out.close("InitgPty")
	out.close("GrpHdr")
	for first := 0; first < payments; first += batch {
		out.transferBatch(first, min(first+batch, payments))
	}
	out.close("CstmrCdtTrfInitn")
	out.text("\n</Document>\n")
	return out.flush()
}

// sum is the control sum of the payments from first to before end.
func sum(first, end int) string {
	var total int64
	for n := first; n < end; n++ {
		total += cents(n)
	}
	return decimal(total, ".")
}

// xmlWriter writes elements, each on a line of its own or not.
type xmlWriter struct {
	*writer
	indent bool
	depth  int
}

const blanks = "                                        "

func (w *xmlWriter) newline() {
	if w.indent {
		w.text("\n", blanks[:min(2*w.depth, len(blanks))])
	}
}

func (w *xmlWriter) open(name string) {
	w.newline()
	w.text("<", name, ">")
	w.depth++
}

func (w *xmlWriter) close(name string) {
	w.depth--
	w.newline()
	w.text("</", name, ">")
}

func (w *xmlWriter) leaf(name, value string) {
	w.newline()
	w.text("<", name, ">", value, "</", name, ">")
}

// amount is a leaf with a currency.
func (w *xmlWriter) amount(name, value string) {
	w.newline()
	w.text("<", name, ` Ccy="EUR">`, value, "</", name, ">")
}

func (w *xmlWriter) transferBatch(first, end int) {
	w.open("PmtInf")
	w.leaf("PmtInfId", fmt.Sprintf("BENCH-%d", first/batch+1))
	w.leaf("PmtMtd", "TRF")
	w.leaf("BtchBookg", "true")
	w.leaf("NbOfTxs", strconv.Itoa(end-first))
	w.leaf("CtrlSum", sum(first, end))
	w.open("PmtTpInf")
	w.open("SvcLvl")
	w.leaf("Cd", "SEPA")
	w.close("SvcLvl")
	w.close("PmtTpInf")
	w.open("ReqdExctnDt")
	w.leaf("Dt", "2026-12-01")
	w.close("ReqdExctnDt")
	w.open("Dbtr")
	w.leaf("Nm", "Muster Werkzeugbau GmbH")
	w.close("Dbtr")
	w.account("DbtrAcct", OwnAccount)
	w.agent("DbtrAgt", "KNTRDEFFXXX")
	w.leaf("ChrgBr", "SLEV")
	for n := first; n < end; n++ {
		if !w.indent {
			w.text("\n")
		}
		w.transfer(n)
	}
	w.close("PmtInf")
}

func (w *xmlWriter) account(name, iban string) {
	w.open(name)
	w.open("Id")
	w.leaf("IBAN", iban)
	w.close("Id")
	w.close(name)
}

func (w *xmlWriter) agent(name, bic string) {
	w.open(name)
	w.open("FinInstnId")
	w.leaf("BICFI", bic)
	w.close("FinInstnId")
	w.close(name)
}

func (w *xmlWriter) transfer(n int) {
	chance := number(uint64(n)*4 + 2)
	id := strconv.Itoa(n + 1)
	w.open("CdtTrfTxInf")
	w.open("PmtId")
	w.leaf("InstrId", "BENCH-I-"+id)
	w.leaf("EndToEndId", "BENCH-E2E-"+id)
	w.close("PmtId")
	w.open("Amt")
	w.amount("InstdAmt", decimal(cents(n), "."))
	w.close("Amt")
	iban, country := german(chance), "DE"
	if chance%16 == 1 {
		iban, country = dutch(chance), "NL"
	}
	w.agent("CdtrAgt", "KNTR"+country+"FF"+strconv.FormatUint(100+chance%800, 10))
	w.open("Cdtr")
	w.leaf("Nm", name(chance))
	if chance%4 == 0 {
		w.open("PstlAdr")
		w.leaf("StrtNm", "Musterweg")
		w.leaf("PstCd", fmt.Sprintf("%05d", 10000+chance%80000))
		w.leaf("TwnNm", pick(chance, towns))
		w.leaf("Ctry", "DE")
		w.close("PstlAdr")
	}
	w.close("Cdtr")
	w.account("CdtrAcct", iban)
	w.open("RmtInf")
	w.leaf("Ustrd", pick(chance>>4, reasons)+" "+strconv.FormatUint(chance>>8%900_000+100_000, 10)+" vom 15.11.2026, Kunde "+strconv.FormatUint(chance%90_000+10_000, 10))
	w.close("RmtInf")
	w.close("CdtTrfTxInf")
}
