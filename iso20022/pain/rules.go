package pain

import (
	"slices"
	"strings"

	"kontor/finding"
)

// The codes of the rules that Read checks. Letters are the groups of the rule
// catalogue: A envelope, B totals, C references, D parties and text, E accounts and
// agents, F amounts and dates, G kinds of credit transfer, H direct debits, Z about the report itself.
const (
	CodeUnknownMessage   finding.Code = "PAIN-A2"
	CodeStructure        finding.Code = "PAIN-A3"
	CodeGroupCount       finding.Code = "PAIN-B1"
	CodeGroupSum         finding.Code = "PAIN-B2"
	CodeBatchCount       finding.Code = "PAIN-B3"
	CodeBatchSum         finding.Code = "PAIN-B4"
	CodeTotalForm        finding.Code = "PAIN-B5"
	CodeBatchIDTwice     finding.Code = "PAIN-B8"
	CodeReference        finding.Code = "PAIN-C1"
	CodeReferenceSlashes finding.Code = "PAIN-C2"
	CodeName             finding.Code = "PAIN-D1"
	CodeRemittance       finding.Code = "PAIN-D2"
	CodeIBAN             finding.Code = "PAIN-E1"
	CodeBIC              finding.Code = "PAIN-E4"
	CodeAmount           finding.Code = "PAIN-F1"
	CodeExecutionDate    finding.Code = "PAIN-F2"
	CodeCollectionDate   finding.Code = "PAIN-F3"
	CodePaymentMethod    finding.Code = "PAIN-G1"
	CodeLocalInstrument  finding.Code = "PAIN-H1"
	CodeSignedLate       finding.Code = "PAIN-H11"
	CodeHomogeneous      finding.Code = "PAIN-H12"
	CodeServiceLevel     finding.Code = "PAIN-H13"
	CodeSequenceType     finding.Code = "PAIN-H2"
	CodeCreditorScheme   finding.Code = "PAIN-H3"
	CodeCreditorID       finding.Code = "PAIN-H4"
	CodeMandate          finding.Code = "PAIN-H5"
	CodeAmendment        finding.Code = "PAIN-H6"
	CodeMore             finding.Code = "PAIN-Z1"
)

// catalogue describes every code, sorted by code.
var catalogue = []finding.Rule{
	{Code: CodeUnknownMessage, Severity: finding.Error,
		Meaning: "The document is a credit transfer or direct debit initiation in a version that is read here: pain.001.001.03, pain.001.001.09, pain.008.001.02 or pain.008.001.08. A document with this fault is not read further.",
		Source:  "ISO 20022 message definition report Payments Initiation; namespace of the schema",
		Example: `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.13">`},
	{Code: CodeStructure, Severity: finding.Error,
		Meaning: "Every required element is present, and known containers hold only known elements, in the schema's order and number, without text between them; a value has at most 4096 bytes.",
		Source:  "ISO 20022 schemas pain.001.001.03, pain.001.001.09, pain.008.001.02 and pain.008.001.08",
		Example: `<PmtId><InstrId>A1</InstrId></PmtId> without EndToEndId`},
	{Code: CodeGroupCount, Severity: finding.Error,
		Meaning: "NbOfTxs of the group header is the number of transactions in the message.",
		Source:  "ISO 20022 pain.001, pain.008 GrpHdr/NbOfTxs; DK Anlage 3 chapter 2.2.1",
		Example: `<NbOfTxs>3</NbOfTxs> over two transactions`},
	{Code: CodeGroupSum, Severity: finding.Error,
		Meaning: "CtrlSum of the group header, where given, is the sum of all instructed amounts irrespective of currency.",
		Source:  "ISO 20022 pain.001, pain.008 GrpHdr/CtrlSum; DK Anlage 3 chapter 2.2.1",
		Example: `<CtrlSum>100.00</CtrlSum> over amounts of 60.00 and 39.99`},
	{Code: CodeBatchCount, Severity: finding.Error,
		Meaning: "NbOfTxs of a payment information, where given, is the number of its transactions.",
		Source:  "ISO 20022 pain.001, pain.008 PmtInf/NbOfTxs; DK Anlage 3 chapter 2.2.1",
		Example: `<PmtInf>…<NbOfTxs>2</NbOfTxs> over one transaction`},
	{Code: CodeBatchSum, Severity: finding.Error,
		Meaning: "CtrlSum of a payment information, where given, is the sum of its instructed amounts.",
		Source:  "ISO 20022 pain.001, pain.008 PmtInf/CtrlSum; DK Anlage 3 chapter 2.2.1",
		Example: `<PmtInf>…<CtrlSum>99.00</CtrlSum> over one amount of 99.01`},
	{Code: CodeTotalForm, Severity: finding.Error,
		Meaning: "NbOfTxs is 1 to 15 digits, CtrlSum a decimal number with at most 17 decimals; neither has a sign, an exponent or a leading zero.",
		Source:  "ISO 20022 Max15NumericText, DecimalNumber",
		Example: `<NbOfTxs>007</NbOfTxs>`},
	{Code: CodeBatchIDTwice, Severity: finding.Error,
		Meaning: "PmtInfId is unique within the message.",
		Source:  "ISO 20022 pain.001, pain.008 PmtInf/PmtInfId; DK Anlage 3 chapter 2.2.1",
		Example: `two <PmtInf> with <PmtInfId>P1</PmtInfId>`},
	{Code: CodeReference, Severity: finding.Error,
		Meaning: "MsgId, PmtInfId, InstrId, EndToEndId and MndtId are 1 to 35 characters of A-Z, a-z, 0-9, blank and + ? / - : ( ) . , '.",
		Source:  "EPC230-15 section 1; DK Anlage 3 RestrictedIdentificationSEPA1",
		Example: `<EndToEndId>Rechnung_4711</EndToEndId>`},
	{Code: CodeReferenceSlashes, Severity: finding.Error,
		Meaning: "A reference does not begin or end with a slash and has no two slashes in a row.",
		Source:  "EPC230-15 section 1",
		Example: `<EndToEndId>2026//4711</EndToEndId>`},
	{Code: CodeName, Severity: finding.Error,
		Meaning: "Debtor and creditor have a name, and a name has at most 140 characters and is not blank.",
		Source:  "EPC132-08 AT-P001, AT-E001; ISO 20022 Max140Text",
		Example: `<Cdtr></Cdtr>`},
	{Code: CodeRemittance, Severity: finding.Error,
		Meaning: "An unstructured remittance information has 1 to 140 characters.",
		Source:  "ISO 20022 Max140Text",
		Example: `<Ustrd></Ustrd>`},
	{Code: CodeIBAN, Severity: finding.Error,
		Meaning: "Debtor and creditor have an IBAN in electronic form: registered country, its length and structure, and right check digits.",
		Source:  "ISO 13616; IBAN registry; EPC132-08 AT-D001, AT-C001",
		Example: `<IBAN>DE00200500001234567890</IBAN>`},
	{Code: CodeBIC, Severity: finding.Error,
		Meaning: "A BIC, where given, has the form of the message version: BICIdentifier in pain.001.001.03 and pain.008.001.02, BICFIDec2014Identifier in pain.001.001.09 and pain.008.001.08.",
		Source:  "ISO 9362; ISO 20022 BICIdentifier, BICFIDec2014Identifier",
		Example: `<BIC>PBNKDEFFXX</BIC>`},
	{Code: CodeAmount, Severity: finding.Error,
		Meaning: "The instructed amount is a positive decimal number without sign or exponent in a known currency, with no more decimals than the currency has; in euro at most 999999999.99. A direct debit is in euro.",
		Source:  "ISO 20022 ActiveOrHistoricCurrencyAndAmount; ISO 4217; EPC132-08 and EPC130-08 AT-T002",
		Example: `<InstdAmt Ccy="EUR">1.005</InstdAmt>`},
	{Code: CodeExecutionDate, Severity: finding.Error,
		Meaning: "The requested execution date is a day of the calendar, YYYY-MM-DD; in .09 it may be a date and time.",
		Source:  "ISO 20022 ISODate, ISODateTime, DateAndDateTime2Choice",
		Example: `<ReqdExctnDt>2025-02-29</ReqdExctnDt>`},
	{Code: CodeCollectionDate, Severity: finding.Error,
		Meaning: "The requested collection date of a direct debit is a day of the calendar, YYYY-MM-DD. 1999-01-01 asks for the next possible day.",
		Source:  "ISO 20022 ISODate; EPC130-08 AT-T013",
		Example: `<ReqdColltnDt>2026-02-30</ReqdColltnDt>`},
	{Code: CodePaymentMethod, Severity: finding.Error,
		Meaning: "PmtMtd is TRF in a credit transfer and DD in a direct debit: cheques and transfer advices are not sent by this hub.",
		Source:  "EPC132-08 section 2.2; EPC130-08 section 2.2; DK Anlage 3 chapter 2.2.1",
		Example: `<PmtMtd>CHK</PmtMtd>`},
	{Code: CodeLocalInstrument, Severity: finding.Error,
		Meaning: "Every direct debit has the local instrument CORE or B2B, its own or that of its payment information. COR1 ended in November 2016.",
		Source:  "EPC130-08 AT-T001; DK Anlage 3, SEPA direct debits",
		Example: `<LclInstrm><Cd>COR1</Cd></LclInstrm>`},
	{Code: CodeSignedLate, Severity: finding.Error,
		Meaning: "A mandate is signed on the requested collection date at the latest; not compared when that is 1999-01-01.",
		Source:  "EPC130-08 AT-M008; Kontor: nothing can be collected before there is a mandate",
		Example: `<DtOfSgntr>2026-11-06</DtOfSgntr> under <ReqdColltnDt>2026-11-05</ReqdColltnDt>`},
	{Code: CodeHomogeneous, Severity: finding.Error,
		Meaning: "All direct debits of a payment information have the same local instrument and the same creditor identifier.",
		Source:  "DK Anlage 3, usage rules of LclInstrm and CdtrSchmeId: other instruments in one message are forbidden, one creditor identifier is recommended",
		Example: `<LclInstrm><Cd>B2B</Cd></LclInstrm> of the second DrctDbtTxInf, CORE of the first`},
	{Code: CodeServiceLevel, Severity: finding.Error,
		Meaning: "Every direct debit has the service level SEPA, as a code, its own or that of its payment information.",
		Source:  "EPC130-08 AT-T001; DK Anlage 3, SEPA direct debits",
		Example: `<SvcLvl><Cd>URGP</Cd></SvcLvl>`},
	{Code: CodeSequenceType, Severity: finding.Error,
		Meaning: "Every direct debit has the sequence type FRST, RCUR, FNAL or OOFF, its own or that of its payment information.",
		Source:  "EPC130-08 AT-M006; DK Anlage 3, SEPA direct debits",
		Example: `<SeqTp>RPRE</SeqTp>`},
	{Code: CodeCreditorScheme, Severity: finding.Error,
		Meaning: "The creditor identifier is given once, for the payment information or for each of its transactions, as one private identification of the scheme SEPA.",
		Source:  "EPC130-08 AT-E005; DK Anlage 3, usage rules of CdtrSchmeId",
		Example: `<DrctDbtTx> without CdtrSchmeId in a PmtInf without CdtrSchmeId`},
	{Code: CodeCreditorID, Severity: finding.Error,
		Meaning: "A creditor identifier has 8 to 35 characters, in Germany 18: country, check digits by ISO 7064 mod 97-10 over everything but the business code, business code, national identification.",
		Source:  "EPC262-08; DK Anlage 3",
		Example: `<Id>DE99ZZZ09999999999</Id>`},
	{Code: CodeMandate, Severity: finding.Error,
		Meaning: "Every direct debit has the identification of its mandate, and the date of its signature, which is a day of the calendar, YYYY-MM-DD.",
		Source:  "EPC130-08 AT-M001, AT-M008; DK Anlage 3, SEPA direct debits",
		Example: `<MndtRltdInf><MndtId>M-1</MndtId></MndtRltdInf>`},
	{Code: CodeAmendment, Severity: finding.Error,
		Meaning: "The amendment indicator of a mandate is true or false, and true exactly if there are details of an amendment.",
		Source:  "EPC130-08 AT-M007; DK Anlage 3, usage rule of AmdmntInfDtls",
		Example: `<AmdmntInd>true</AmdmntInd> without AmdmntInfDtls`},
	{Code: CodeMore, Severity: finding.Error,
		Meaning: "The document has more findings than are listed; the message says how many more.",
		Source:  "Kontor: the list is limited so that a broken file of a million payments stays readable",
		Example: `101 payments without an amount`},
}

// Rules returns the catalogue of this package's rules, sorted by code. The caller owns
// the slice.
func Rules() []finding.Rule { return slices.Clone(catalogue) }

// LookupRule finds the description of a code.
func LookupRule(code finding.Code) (finding.Rule, bool) {
	i, ok := slices.BinarySearchFunc(catalogue, code, func(r finding.Rule, c finding.Code) int {
		return strings.Compare(string(r.Code), string(c))
	})
	if !ok {
		return finding.Rule{}, false
	}
	return catalogue[i], true
}
