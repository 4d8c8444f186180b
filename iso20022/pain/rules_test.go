package pain

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kontor/finding"
)

const (
	initiation      = "CstmrCdtTrfInitn/"
	debitInitiation = "CstmrDrctDbtInitn/"
)

// sample is a document made from one without fault.
type sample struct {
	name string
	code finding.Code
	base string
	edit []string
	want string
}

// ruleSamples has for each code documents that break it, and documents close to the
// border that do not. want is the path of the one finding; "" = no finding at all.
var ruleSamples = []sample{
	{"another message", CodeUnknownMessage, base, []string{"pain.001.001.09", "pain.002.001.10"}, "document"},
	{"direct debit of version 09", CodeUnknownMessage, debitBase, []string{"pain.008.001.08", "pain.008.001.09"}, "document"},
	{"direct debit in version 02", CodeUnknownMessage, debitBase02, nil, ""},
	{"credit transfer under the name of a direct debit", CodeStructure, regexp.MustCompile(`(?s)<CstmrCdtTrfInitn>.*</CstmrCdtTrfInitn>`).ReplaceAllString(base, "<CstmrCdtTrfInitn/>"), []string{"pain.001.001.09", "pain.008.001.08", "<CstmrCdtTrfInitn/>", "<CstmrDrctDbtInitn><GrpHdr/></CstmrDrctDbtInitn>", "<GrpHdr/>", "<GrpHdr><MsgId>M</MsgId><CreDtTm>T</CreDtTm><NbOfTxs>0</NbOfTxs><InitgPty><Nm>N</Nm></InitgPty></GrpHdr>"}, debitInitiation + "PmtInf"},
	{"version 10", CodeUnknownMessage, base, []string{"pain.001.001.09", "pain.001.001.10"}, "document"},
	{"another document element", CodeUnknownMessage, base, []string{"<Document", "<Dokument", "</Document", "</Dokument"}, "document"},
	{"version 03", CodeUnknownMessage, base03, nil, ""},
	{"prefix for the namespace", CodeUnknownMessage, prefixed(base), nil, ""},

	{"required element missing", CodeStructure, base, []string{"<EndToEndId>E-2</EndToEndId>", "<InstrId>I-2</InstrId>"}, initiation + "PmtInf[1]/CdtTrfTxInf[2]/PmtId/EndToEndId"},
	{"group header missing a count", CodeStructure, base, []string{"<NbOfTxs>3</NbOfTxs>", ""}, initiation + "GrpHdr/NbOfTxs"},
	{"unknown element", CodeStructure, base, []string{"<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SLEV</ChrgBr><Urgent>1</Urgent>"}, initiation + "PmtInf[1]/Urgent"},
	{"element of another version", CodeStructure, base03, []string{"<EndToEndId>E-2</EndToEndId>", "<EndToEndId>E-2</EndToEndId><UETR>x</UETR>"}, initiation + "PmtInf[1]/CdtTrfTxInf[2]/PmtId/UETR"},
	{"order of elements", CodeStructure, base, []string{"<InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId>", "<EndToEndId>E-1</EndToEndId><InstrId>I-1</InstrId>"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/PmtId/InstrId"},
	{"element twice", CodeStructure, base, []string{"<MsgId>MSG-1</MsgId>", "<MsgId>MSG-1</MsgId><MsgId>MSG-1</MsgId>"}, initiation + "GrpHdr/MsgId"},
	{"both of a choice", CodeStructure, base, []string{"<Dt>2026-11-05</Dt>", "<Dt>2026-11-05</Dt><DtTm>2026-11-05T08:00:00</DtTm>"}, initiation + "PmtInf[1]/ReqdExctnDt/DtTm"},
	{"none of a choice", CodeStructure, base, []string{"<Dt>2026-11-05</Dt>", ""}, initiation + "PmtInf[1]/ReqdExctnDt"},
	{"text between elements", CodeStructure, base, []string{"<Dbtr>", "stray<Dbtr>"}, initiation + "PmtInf[1]"},
	{"element inside a value", CodeStructure, base, []string{"<Nm>Max Probe</Nm>", "<Nm>Max <b>Probe</b></Nm>"}, initiation + "PmtInf[1]/CdtTrfTxInf[2]/Cdtr/Nm/b"},
	{"foreign namespace", CodeStructure, base, []string{"<ChrgBr>SLEV</ChrgBr>", `<ChrgBr xmlns="urn:other">SLEV</ChrgBr>`}, initiation + "PmtInf[1]/ChrgBr"},
	{"no batch", CodeStructure, regexp.MustCompile(`(?s)<PmtInf>.*</PmtInf>`).ReplaceAllString(base, ""), []string{"<NbOfTxs>3<", "<NbOfTxs>0<", "<CtrlSum>111.11<", "<CtrlSum>0<"}, initiation + "PmtInf"},
	{"value of 5000 bytes", CodeStructure, base, []string{"SLEV", strings.Repeat("S", 5000)}, initiation + "PmtInf[1]/ChrgBr"},
	{"unjudged parts", CodeStructure, base, []string{"<Nm>Max Probe</Nm>", "<Nm>Max Probe</Nm><PstlAdr><Whatever><Deep/></Whatever></PstlAdr>"}, ""},
	{"comments", CodeStructure, base, []string{"<ChrgBr>", "<!-- text --><ChrgBr>"}, ""},

	{"count too high", CodeGroupCount, base, []string{"<NbOfTxs>3<", "<NbOfTxs>4<"}, initiation + "GrpHdr/NbOfTxs"},
	{"count right", CodeGroupCount, base, nil, ""},
	{"sum off by a cent", CodeGroupSum, base, []string{"111.11", "111.10"}, initiation + "GrpHdr/CtrlSum"},
	{"sum off by the last decimal", CodeGroupSum, base, []string{"111.11", "111.11000000000000001"}, initiation + "GrpHdr/CtrlSum"},
	{"sum with other decimals", CodeGroupSum, base, []string{"111.11", "111.1100"}, ""},
	{"sum with white space", CodeGroupSum, base, []string{"111.11", "\n111.11 "}, ""},
	{"sum absent", CodeGroupSum, base, []string{"<CtrlSum>111.11</CtrlSum>", ""}, ""},
	{"batch count", CodeBatchCount, base, []string{"<NbOfTxs>2<", "<NbOfTxs>3<"}, initiation + "PmtInf[1]/NbOfTxs"},
	{"batch count absent", CodeBatchCount, base, []string{"<NbOfTxs>2</NbOfTxs>", ""}, ""},
	{"batch sum", CodeBatchSum, base, []string{"110.00", "111.00"}, initiation + "PmtInf[1]/CtrlSum"},
	{"batch sum without decimals", CodeBatchSum, base, []string{"110.00", "110"}, ""},

	{"count with leading zero", CodeTotalForm, base, []string{"<NbOfTxs>3<", "<NbOfTxs>03<"}, initiation + "GrpHdr/NbOfTxs"},
	{"count with sign", CodeTotalForm, base, []string{"<NbOfTxs>3<", "<NbOfTxs>+3<"}, initiation + "GrpHdr/NbOfTxs"},
	{"count empty", CodeTotalForm, base, []string{"<NbOfTxs>2<", "<NbOfTxs><"}, initiation + "PmtInf[1]/NbOfTxs"},
	{"count of 16 digits", CodeTotalForm, base, []string{"<NbOfTxs>3<", "<NbOfTxs>1234567890123456<"}, initiation + "GrpHdr/NbOfTxs"},
	{"sum with exponent", CodeTotalForm, base, []string{"111.11", "1.1111e2"}, initiation + "GrpHdr/CtrlSum"},
	{"sum with leading zero", CodeTotalForm, base, []string{"110.00", "0110.00"}, initiation + "PmtInf[1]/CtrlSum"},
	{"sum with comma", CodeTotalForm, base, []string{"111.11", "111,11"}, initiation + "GrpHdr/CtrlSum"},
	{"sum with 18 decimals", CodeTotalForm, base, []string{"111.11", "111.110000000000000000"}, initiation + "GrpHdr/CtrlSum"},
	{"sum with 17 decimals", CodeTotalForm, base, []string{"111.11", "111.11000000000000000"}, ""},

	{"batch identification twice", CodeBatchIDTwice, base, []string{"BATCH-2", "BATCH-1"}, initiation + "PmtInf[2]/PmtInfId"},
	{"batch identifications that differ in case", CodeBatchIDTwice, base, []string{"BATCH-2", "batch-1"}, ""},

	{"underscore", CodeReference, base, []string{"E-1", "E_1"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/PmtId/EndToEndId"},
	{"umlaut", CodeReference, base, []string{"MSG-1", "MÜG-1"}, initiation + "GrpHdr/MsgId"},
	{"36 characters", CodeReference, base, []string{"BATCH-1", strings.Repeat("B", 36)}, initiation + "PmtInf[1]/PmtInfId"},
	{"empty reference", CodeReference, base, []string{">I-1<", "><"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/PmtId/InstrId"},
	{"35 characters, all allowed", CodeReference, base, []string{"MSG-1", "Az09 +?/-:().,'" + strings.Repeat("x", 20)}, ""},
	{"slash first", CodeReferenceSlashes, base, []string{"E-1", "/E-1"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/PmtId/EndToEndId"},
	{"slash last", CodeReferenceSlashes, base, []string{"MSG-1", "MSG-1/"}, initiation + "GrpHdr/MsgId"},
	{"two slashes", CodeReferenceSlashes, base, []string{"BATCH-2", "B//2"}, initiation + "PmtInf[2]/PmtInfId"},
	{"slashes apart", CodeReferenceSlashes, base, []string{"E-1", "a/b/c"}, ""},

	{"creditor without name", CodeName, base, []string{"<Nm>Max Probe</Nm>", ""}, initiation + "PmtInf[1]/CdtTrfTxInf[2]/Cdtr/Nm"},
	{"creditor missing", CodeName, base, []string{"<Cdtr><Nm>Max Probe</Nm></Cdtr>", ""}, initiation + "PmtInf[1]/CdtTrfTxInf[2]/Cdtr/Nm"},
	{"debtor without name", CodeName, base, []string{"<Nm>Zweites Konto</Nm>", ""}, initiation + "PmtInf[2]/Dbtr/Nm"},
	{"blank name", CodeName, base, []string{"Zweites Konto", " "}, initiation + "PmtInf[2]/Dbtr/Nm"},
	{"141 characters", CodeName, base, []string{"Max Probe", strings.Repeat("ü", 141)}, initiation + "PmtInf[1]/CdtTrfTxInf[2]/Cdtr/Nm"},
	{"140 characters of two bytes", CodeName, base, []string{"Max Probe", strings.Repeat("ü", 140)}, ""},
	{"141 characters of remittance information", CodeRemittance, base, []string{"Rechnung 4711", strings.Repeat("R", 141)}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/RmtInf/Ustrd[1]"},
	{"remittance information empty", CodeRemittance, base, []string{"Rechnung 4711", ""}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/RmtInf/Ustrd[1]"},
	{"140 characters of remittance information", CodeRemittance, base, []string{"Rechnung 4711", strings.Repeat("ß", 140)}, ""},

	{"check digits", CodeIBAN, base, []string{"DE21500500009876543210", "DE21500500009876543211"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/CdtrAcct/Id/IBAN"},
	{"debtor's check digits", CodeIBAN, base, []string{"DE87200500001234567890", "DE88200500001234567890"}, initiation + "PmtInf[1]/DbtrAcct/Id/IBAN"},
	{"blanks", CodeIBAN, base, []string{"DE21500500009876543210", "DE21 5005 0000 9876 5432 10"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/CdtrAcct/Id/IBAN"},
	{"debtor account of another kind", CodeIBAN, base, []string{"<IBAN>DE21500500001234567897</IBAN>", "<Othr><Id>1234567897</Id></Othr>"}, initiation + "PmtInf[2]/DbtrAcct/Id/Othr"},
	{"creditor account missing", CodeIBAN, base, []string{"<CdtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></CdtrAcct>", ""}, initiation + "PmtInf[1]/CdtTrfTxInf[2]/CdtrAcct"},
	{"another country", CodeIBAN, base, []string{"DE21500500009876543210", "MT84MALT011000012345MTLCAST001S"}, ""},
	{"BIC of nine characters", CodeBIC, base, []string{"PBNKDEFF370", "PBNKDEFF3"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/CdtrAgt/FinInstnId/BICFI"},
	{"digits in a BIC of version 03", CodeBIC, base03, []string{"BANKDEFFXXX", "1ANKDEFFXXX"}, initiation + "PmtInf[1]/DbtrAgt/FinInstnId/BIC"},
	{"digits in a BIC of version 09", CodeBIC, base, []string{"BANKDEFFXXX", "1ANKDEFFXXX"}, ""},

	{"third decimal", CodeAmount, base, []string{">100.00<", ">100.000<"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"zero", CodeAmount, base, []string{">100.00<", ">0.00<", "110.00", "10", "111.11", "11.11"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"negative", CodeAmount, base, []string{">100.00<", ">-100.00<"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"exponent", CodeAmount, base, []string{">100.00<", ">1e2<"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"empty amount", CodeAmount, base, []string{">100.00<", "><"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"a thousand million", CodeAmount, base, []string{">100.00<", ">1000000000.00<", "110.00", "1000000010", "111.11", "1000000011.11"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"no currency", CodeAmount, base, []string{` Ccy="EUR">100.00<`, `>100.00<`}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"unknown currency", CodeAmount, base, []string{`"EUR">100.00<`, `"EUX">100.00<`}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"decimals on yen", CodeAmount, base, []string{`"EUR">100.00<`, `"JPY">100.00<`}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"},
	{"equivalent amount", CodeAmount, base, []string{`<InstdAmt Ccy="EUR">100.00</InstdAmt>`, `<EqvtAmt><Amt Ccy="EUR">100.00</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>`, "110.00", "10", "111.11", "11.11"}, initiation + "PmtInf[1]/CdtTrfTxInf[1]/Amt/EqvtAmt"},
	{"the most", CodeAmount, base, []string{">100.00<", ">999999999.99<", "110.00", "1000000009.99", "111.11", "1000000011.10"}, ""},
	{"another currency", CodeAmount, base, []string{`"EUR">100.00<`, `"JPY">100<`}, ""},

	{"no day", CodeExecutionDate, base, []string{"2026-11-05", "2026-11-31"}, initiation + "PmtInf[1]/ReqdExctnDt/Dt"},
	{"no day in version 03", CodeExecutionDate, base03, []string{"2026-11-05", "2025-02-29"}, initiation + "PmtInf[1]/ReqdExctnDt"},
	{"German date", CodeExecutionDate, base, []string{"2026-11-05", "05.11.2026"}, initiation + "PmtInf[1]/ReqdExctnDt/Dt"},
	{"no time", CodeExecutionDate, base, []string{"2026-11-05T08:00:00+01:00", "2026-11-05T25:00:00+01:00"}, initiation + "PmtInf[2]/ReqdExctnDt/DtTm"},
	{"leap day", CodeExecutionDate, base, []string{"2026-11-05", "2028-02-29"}, ""},
	{"time without zone", CodeExecutionDate, base, []string{"2026-11-05T08:00:00+01:00", "2026-11-05T08:00:00.123"}, ""},
	{"cheque", CodePaymentMethod, base, []string{"TRF", "CHK"}, initiation + "PmtInf[1]/PmtMtd"},
	{"transfer", CodePaymentMethod, base, nil, ""},
}

// debitSamples are those of direct debits.
var debitSamples = []sample{
	{"count too high", CodeGroupCount, debitBase, []string{"<NbOfTxs>3<", "<NbOfTxs>4<"}, debitInitiation + "GrpHdr/NbOfTxs"},
	{"sum off by a cent", CodeGroupSum, debitBase02, []string{"111.11", "111.10"}, debitInitiation + "GrpHdr/CtrlSum"},
	{"batch sum", CodeBatchSum, debitBase, []string{"110.00", "111.00"}, debitInitiation + "PmtInf[1]/CtrlSum"},
	{"batch identification twice", CodeBatchIDTwice, debitBase, []string{"BATCH-2", "BATCH-1"}, debitInitiation + "PmtInf[2]/PmtInfId"},
	{"debtor missing", CodeStructure, debitBase, []string{"<Dbtr><Nm>Max Probe</Nm></Dbtr>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[2]/Dbtr"},
	{"element of version 08", CodeStructure, debitBase02, []string{"<OrgnlMndtId>OLD-1</OrgnlMndtId>", "<OrgnlTrckgDays>01</OrgnlTrckgDays>"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInfDtls/OrgnlTrckgDays"},
	{"transaction of a credit transfer", CodeStructure, debitBase, []string{"<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SLEV</ChrgBr><CdtTrfTxInf/>"}, debitInitiation + "PmtInf[1]/CdtTrfTxInf"},
	{"debtor without name", CodeName, debitBase, []string{"<Nm>Max Probe</Nm>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[2]/Dbtr/Nm"},
	{"creditor without name", CodeName, debitBase, []string{"<Nm>Zweites Konto</Nm>", ""}, debitInitiation + "PmtInf[2]/Cdtr/Nm"},
	{"creditor's check digits", CodeIBAN, debitBase, []string{"DE87200500001234567890", "DE88200500001234567890"}, debitInitiation + "PmtInf[1]/CdtrAcct/Id/IBAN"},
	{"debtor's check digits", CodeIBAN, debitBase, []string{"DE21500500009876543210", "DE21500500009876543211"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DbtrAcct/Id/IBAN"},
	{"debtor account of another kind", CodeIBAN, debitBase, []string{"<IBAN>DE21500500009876543210</IBAN>", "<Othr><Id>9876543210</Id></Othr>"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DbtrAcct/Id/Othr"},
	{"BIC of nine characters", CodeBIC, debitBase, []string{"PBNKDEFF370", "PBNKDEFF3"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DbtrAgt/FinInstnId/BICFI"},
	{"digits in a BIC of version 02", CodeBIC, debitBase02, []string{"BANKDEFFXXX", "1ANKDEFFXXX"}, debitInitiation + "PmtInf[1]/CdtrAgt/FinInstnId/BIC"},
	{"digits in a BIC of version 08", CodeBIC, debitBase, []string{"BANKDEFFXXX", "1ANKDEFFXXX"}, ""},
	{"mandate identification with an underscore", CodeReference, debitBase, []string{"M-1", "M_1"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"},
	{"mandate identification empty", CodeReference, debitBase, []string{">M-1<", "><"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"},
	{"mandate identification of two slashes", CodeReferenceSlashes, debitBase, []string{"M-1", "M//1"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"},
	{"zero", CodeAmount, debitBase, []string{">100.00<", ">0.00<", "110.00", "10", "111.11", "11.11"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/InstdAmt"},
	{"a direct debit in another currency", CodeAmount, debitBase, []string{`"EUR">100.00<`, `"CHF">100.00<`}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/InstdAmt"},
	{"remittance information empty", CodeRemittance, debitBase, []string{"Beitrag 2026", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/RmtInf/Ustrd[1]"},
	{"transfer", CodePaymentMethod, debitBase, []string{"DD<", "TRF<"}, debitInitiation + "PmtInf[1]/PmtMtd"},
	{"direct debit", CodePaymentMethod, debitBase, nil, ""},

	{"no day", CodeCollectionDate, debitBase, []string{"2026-11-05", "2026-11-31"}, debitInitiation + "PmtInf[1]/ReqdColltnDt"},
	{"date and time", CodeCollectionDate, debitBase, []string{"2026-11-05", "2026-11-05T08:00:00"}, debitInitiation + "PmtInf[1]/ReqdColltnDt"},
	{"next possible day", CodeCollectionDate, debitBase, []string{"2026-11-05", "1999-01-01"}, ""},

	{"COR1", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd>", "<Cd>COR1</Cd>"}, debitInitiation + "PmtInf[1]/PmtTpInf/LclInstrm/Cd"},
	{"instant", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd></LclInstrm><SeqTp>OOFF", "<Cd>INST</Cd></LclInstrm><SeqTp>OOFF"}, debitInitiation + "PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/LclInstrm/Cd"},
	{"CORE as a proprietary code", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd>", "<Prtry>CORE</Prtry>"}, debitInitiation + "PmtInf[1]/PmtTpInf/LclInstrm/Prtry"},
	{"no local instrument", CodeLocalInstrument, debitBase, []string{"<LclInstrm><Cd>CORE</Cd></LclInstrm>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/PmtTpInf/LclInstrm"},
	{"B2B", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd>", "<Cd>B2B</Cd>"}, ""},

	{"the day after", CodeSignedLate, debitBase, []string{"<DtOfSgntr>2026-11-05", "<DtOfSgntr>2026-11-06"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/DtOfSgntr"},
	{"the same day", CodeSignedLate, debitBase, nil, ""},
	{"collection on the next possible day", CodeSignedLate, debitBase, []string{"2026-10-30", "2036-10-30"}, ""},

	{"another scheme in the second transaction", CodeHomogeneous, debitBase, []string{"<EndToEndId>E-2</EndToEndId></PmtId>", "<EndToEndId>E-2</EndToEndId></PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>B2B</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[2]/PmtTpInf/LclInstrm"},
	{"another creditor in the second transaction", CodeHomogeneous, twoCreditors, nil, debitInitiation + "PmtInf[2]/DrctDbtTxInf[2]/DrctDbtTx/CdtrSchmeId"},
	{"the same scheme said again", CodeHomogeneous, debitBase, []string{"<EndToEndId>E-2</EndToEndId></PmtId>", "<EndToEndId>E-2</EndToEndId></PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>"}, ""},
	{"the same creditor in each transaction", CodeHomogeneous, twoCreditors, []string{"DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId></DrctDbtTx>", "AT61ZZZ01234567890</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId></DrctDbtTx>"}, ""},

	{"urgent", CodeServiceLevel, debitBase, []string{"<Cd>SEPA</Cd>", "<Cd>URGP</Cd>"}, debitInitiation + "PmtInf[1]/PmtTpInf/SvcLvl[1]/Cd"},
	{"SEPA as a proprietary code", CodeServiceLevel, debitBase, []string{"<Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF", "<Prtry>SEPA</Prtry></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF"}, debitInitiation + "PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/SvcLvl[1]/Prtry"},
	{"no service level", CodeServiceLevel, debitBase02, []string{"<SvcLvl><Cd>SEPA</Cd></SvcLvl>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/PmtTpInf/SvcLvl"},
	{"SEPA", CodeServiceLevel, debitBase, nil, ""},

	{"re-presented", CodeSequenceType, debitBase, []string{"RCUR", "RPRE"}, debitInitiation + "PmtInf[1]/PmtTpInf/SeqTp"},
	{"re-presented transaction", CodeSequenceType, debitBase, []string{"OOFF", "RPRE"}, debitInitiation + "PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/SeqTp"},
	{"no sequence type", CodeSequenceType, debitBase, []string{"<SeqTp>OOFF</SeqTp>", ""}, debitInitiation + "PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/SeqTp"},
	{"final", CodeSequenceType, debitBase, []string{"RCUR", "FNAL"}, ""},
	{"first", CodeSequenceType, debitBase, []string{"RCUR", "FRST"}, ""},

	{"no creditor identifier", CodeCreditorScheme, regexp.MustCompile(`<CdtrSchmeId>.*DE98.*</CdtrSchmeId>`).ReplaceAllString(debitBase, ""), nil, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/CdtrSchmeId"},
	{"creditor identifier at both levels", CodeCreditorScheme, debitBase, []string{"</MndtRltdInf></DrctDbtTx>", "</MndtRltdInf>" + germanScheme + "</DrctDbtTx>"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/CdtrSchmeId"},
	{"two identifications", CodeCreditorScheme, debitBase, []string{"</SchmeNm></Othr>", "</SchmeNm></Othr><Othr><Id>DE98ZZZ09999999999</Id></Othr>"}, debitInitiation + "PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr"},
	{"an organisation", CodeCreditorScheme, regexp.MustCompile(`<PrvtId>(.*DE98.*)</PrvtId>`).ReplaceAllString(debitBase, "<OrgId>$1</OrgId>"), nil, debitInitiation + "PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr"},
	{"another scheme", CodeCreditorScheme, debitBase, []string{"<Prtry>SEPA</Prtry>", "<Prtry>LSV</Prtry>"}, debitInitiation + "PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr/SchmeNm/Prtry"},
	{"SEPA as a code", CodeCreditorScheme, debitBase, []string{"<Prtry>SEPA</Prtry>", "<Cd>SEPA</Cd>"}, debitInitiation + "PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr/SchmeNm/Prtry"},
	{"creditor identifier per transaction or batch", CodeCreditorScheme, debitBase, nil, ""},

	{"check digits", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE99ZZZ09999999999"}, debitInitiation + "PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"},
	{"one digit wrong in a transaction", CodeCreditorID, debitBase, []string{"AT61ZZZ01234567890", "AT61ZZZ01234567891"}, debitInitiation + "PmtInf[2]/DrctDbtTxInf[1]/DrctDbtTx/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"},
	{"German one too long", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE98ZZZ099999999990"}, debitInitiation + "PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"},
	{"another business code", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE98A1B09999999999"}, ""},

	{"no mandate identification", CodeMandate, debitBase, []string{"<MndtId>M-1</MndtId>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"},
	{"no date of signature", CodeMandate, debitBase, []string{"<DtOfSgntr>2026-11-05</DtOfSgntr>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/DtOfSgntr"},
	{"signed on no day", CodeMandate, debitBase, []string{"<DtOfSgntr>2026-11-05", "<DtOfSgntr>2026-02-30"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/DtOfSgntr"},
	{"mandate", CodeMandate, debitBase02, nil, ""},

	{"amendment without details", CodeAmendment, debitBase, []string{"<AmdmntInfDtls><OrgnlMndtId>OLD-1</OrgnlMndtId></AmdmntInfDtls>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInfDtls"},
	{"details without amendment", CodeAmendment, debitBase, []string{"<AmdmntInd>true</AmdmntInd>", ""}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInd"},
	{"details of no amendment", CodeAmendment, debitBase, []string{"<AmdmntInd>true", "<AmdmntInd>0"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInd"},
	{"neither true nor false", CodeAmendment, debitBase, []string{"<AmdmntInd>false", "<AmdmntInd>no"}, debitInitiation + "PmtInf[1]/DrctDbtTxInf[2]/DrctDbtTx/MndtRltdInf/AmdmntInd"},
	{"amended, said by a digit", CodeAmendment, debitBase, []string{"<AmdmntInd>true", "<AmdmntInd>1"}, ""},
}

const germanScheme = "<CdtrSchmeId><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>"

// twoCreditors is debitBase with a fourth transaction, in the second batch, of another
// creditor than the one before it.
var twoCreditors = strings.NewReplacer("</DrctDbtTxInf>\n    </PmtInf>\n  </Cstmr", `</DrctDbtTxInf><DrctDbtTxInf>
        <PmtId><EndToEndId>E-4</EndToEndId></PmtId>
        <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF</SeqTp></PmtTpInf>
        <InstdAmt Ccy="EUR">1</InstdAmt>
        <DrctDbtTx><MndtRltdInf><MndtId>M/3</MndtId><DtOfSgntr>2026-10-30</DtOfSgntr></MndtRltdInf>`+germanScheme+`</DrctDbtTx>
        <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>
        <Dbtr><Nm>Max Probe</Nm></Dbtr>
        <DbtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></DbtrAcct>
      </DrctDbtTxInf></PmtInf></Cstmr`, "<NbOfTxs>3<", "<NbOfTxs>4<", ">111.11<", ">112.11<").Replace(debitBase)

// prefixed writes the same document with a namespace prefix.
func prefixed(document string) string {
	document = regexp.MustCompile(`<(/?)([A-Z])`).ReplaceAllString(document, "<${1}p:${2}")
	return strings.Replace(document, "xmlns=", "xmlns:p=", 1)
}

// Each sample breaks exactly one rule at exactly one place, or none.
func TestEachRuleOnSamples(t *testing.T) {
	for _, row := range slices.Concat(ruleSamples, debitSamples) {
		t.Run(string(row.code)+" "+row.name, func(t *testing.T) {
			document := edit(t, row.base, row.edit...)
			if row.want == "document" {
				_, _, err := Read(strings.NewReader(document), Options{}, Visitor{})
				var unreadable *UnreadableError
				if !errors.As(err, &unreadable) || unreadable.Code != row.code || unreadable.At.Line == 0 {
					t.Errorf("got %v", err)
				}
				return
			}
			_, _, _, findings := read(t, document)
			if row.want == "" {
				if len(findings) != 0 {
					t.Errorf("got %v", findings)
				}
				return
			}
			if len(findings) != 1 || findings[0].Code != row.code || findings[0].At.Path != row.want {
				t.Fatalf("got %v, want %s at %s", findings, row.code, row.want)
			}
			if f := findings[0]; f.Severity != finding.Error || f.Message == "" || f.At.Line == 0 || f.At.Column == 0 || f.At.Offset <= 0 {
				t.Errorf("incomplete: %+v", f)
			}
		})
	}
}

// No code without a document that breaks it and one that does not.
func TestEveryCodeHasSamples(t *testing.T) {
	rules := Rules()
	if len(rules) < 28 {
		t.Fatalf("%d rules", len(rules))
	}
	for i, rule := range rules {
		if i > 0 && rules[i-1].Code >= rule.Code {
			t.Errorf("%s is not sorted", rule.Code)
		}
		if rule.Meaning == "" || rule.Source == "" || rule.Example == "" || (rule.Severity != finding.Error && rule.Severity != finding.Warning) {
			t.Errorf("%s is not fully described", rule.Code)
		}
		if rule.Code == CodeMore {
			continue // TestFindingsAreLimited has both
		}
		var good, bad int
		for _, s := range slices.Concat(ruleSamples, debitSamples) {
			if s.code == rule.Code && s.want == "" {
				good++
			} else if s.code == rule.Code {
				bad++
			}
		}
		if good == 0 || bad == 0 {
			t.Errorf("%s has %d good and %d bad samples", rule.Code, good, bad)
		}
	}
	if _, ok := LookupRule("PAIN-X9"); ok {
		t.Error("a rule that does not exist was found")
	}
}

func TestIBANFindingNamesTheFailingCheck(t *testing.T) {
	for text, want := range map[string]string{"DE2150050000987654321": "length", "XX21500500009876543210": "country", "DE21500500009876543211": "check digits", "DE2150050000987654321A": "structure"} {
		_, _, _, findings := read(t, edit(t, base, "DE21500500009876543210", text))
		if len(findings) != 1 || !strings.Contains(findings[0].Message, want) || findings[0].Text != text || strings.Contains(findings[0].Message, text) {
			t.Errorf("%s: %+v", text, findings)
		}
	}
}

func TestFindingsAreLimited(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<CdtTrfTxInf><PmtId><EndToEndId>bad_%d</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">1</InstdAmt></Amt><Cdtr><Nm>N</Nm></Cdtr><CdtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></CdtrAcct></CdtTrfTxInf>", i)
		}
		return edit(t, base, "</PmtInf>\n  </CstmrCdtTrfInitn>", b.String()+"</PmtInf></CstmrCdtTrfInitn>",
			"<NbOfTxs>3<", fmt.Sprintf("<NbOfTxs>%d<", 3+n), "<CtrlSum>111.11<", fmt.Sprintf("<CtrlSum>%d.11<", 111+n))
	}
	_, _, _, findings := read(t, many(100))
	if len(findings) != 100 || findings[99].Code != CodeReference {
		t.Errorf("100 faults: %d findings, last %v", len(findings), findings[len(findings)-1])
	}
	_, _, _, findings = read(t, many(103))
	if len(findings) != 101 || findings[100].Code != CodeMore || !strings.Contains(findings[100].Message, " 3 more") {
		t.Errorf("103 faults: %d findings, last %v", len(findings), findings[len(findings)-1])
	}
	// A wrong total is shown even when the list is full: it is what people look for.
	_, findings, err := Read(strings.NewReader(edit(t, many(5), "<NbOfTxs>8<", "<NbOfTxs>9<")), Options{MaxFindings: 2}, Visitor{})
	var codes []finding.Code
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	if want := []finding.Code{CodeGroupCount, CodeReference, CodeReference, CodeMore}; err != nil || !slices.Equal(codes, want) {
		t.Errorf("got %v %v, want %v", codes, err, want)
	}
}

func TestFindingsAreInDocumentOrder(t *testing.T) {
	_, _, _, findings := read(t, edit(t, base, "MSG-1", "MSG_1", "<NbOfTxs>3<", "<NbOfTxs>9<", "<NbOfTxs>2<", "<NbOfTxs>9<", "E-1", "E_1", "TRF</PmtMtd>\n      <Req", "TRA</PmtMtd>\n      <Req"))
	var codes []finding.Code
	for i, f := range findings {
		codes = append(codes, f.Code)
		if i > 0 && (findings[i-1].At.Offset >= f.At.Offset || findings[i-1].At.Line > f.At.Line) {
			t.Errorf("%v stands before %v", findings[i-1], f)
		}
	}
	if want := []finding.Code{CodeReference, CodeGroupCount, CodeBatchCount, CodeReference, CodePaymentMethod}; !slices.Equal(codes, want) {
		t.Errorf("got %v, want %v", codes, want)
	}
}
