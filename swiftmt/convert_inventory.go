package swiftmt

import (
	"fmt"
	"io"
	"strings"

	"kontor/finding"
	"kontor/xmlscan"
)

// inventory notes every element of a camt document with text that the conversion does
// not look at. So nothing is lost silently, whatever a bank puts into its documents.
func (c *fromCamt) inventory(src io.Reader) error {
	scan := xmlscan.NewScanner(src, c.o.Limits)
	var path []byte
	var marks []int
	leaf, text := false, false
	var at int64
	for {
		kind, err := scan.Next()
		if err == io.EOF { //nolint:errorlint // the scanner's own end of document
			return nil
		}
		if err != nil {
			return fmt.Errorf("converting: %w", err)
		}
		switch kind {
		case xmlscan.StartElement:
			marks = append(marks, len(path))
			if len(marks) > 2 { // below Document and the message
				path = append(append(path, '/'), scan.Local()[:min(len(scan.Local()), 40)]...)
			}
			leaf, text, at = true, false, scan.Offset()
		case xmlscan.Text:
			text = text || len(trim(scan.Text())) > 0
		case xmlscan.EndElement:
			if leaf && text && !hasHome(path) {
				c.lost(string(path[min(1, len(path)):]), finding.Location{Offset: at})
			}
			leaf = false
			path = path[:marks[len(marks)-1]]
			marks = marks[:len(marks)-1]
		case xmlscan.Comment, xmlscan.ProcInst:
		}
	}
}

// homes are the paths below Stmt or Rpt that the conversion looks at: what it cannot
// write it reports itself. A path that ends with a slash stands for all below it.
var homes = func() map[string]bool {
	const list = `Id ElctrncSeqNb LglSeqNb CreDtTm StmtPgntn/ RptPgntn/ TxsSummry/
Acct/Id/IBAN Acct/Id/Othr/Id Acct/Id/BBAN Acct/Id/PrtryAcct/Id Acct/Ccy
Bal/Tp/CdOrPrtry/Cd Bal/Tp/CdOrPrtry/Prtry Bal/Tp/Cd Bal/Amt Bal/CdtDbtInd Bal/Dt/Dt Bal/Dt/DtTm
Ntry/NtryRef Ntry/Amt Ntry/CdtDbtInd Ntry/RvslInd Ntry/Sts Ntry/Sts/Cd Ntry/Sts/Prtry Ntry/BookgDt/Dt Ntry/BookgDt/DtTm Ntry/ValDt/Dt Ntry/ValDt/DtTm
Ntry/AcctSvcrRef Ntry/BkTxCd/Domn/Cd Ntry/BkTxCd/Domn/Fmly/Cd Ntry/BkTxCd/Domn/Fmly/SubFmlyCd Ntry/BkTxCd/Prtry/Cd Ntry/BkTxCd/Prtry/Issr Ntry/AddtlNtryInf
Ntry/NtryDtls/Btch/`
	const details = `Amt CdtDbtInd AmtDtls/TxAmt/Amt AmtDtls/InstdAmt/Amt Chrgs/TtlChrgsAndTaxAmt
Refs/MsgId Refs/AcctSvcrRef Refs/PmtInfId Refs/InstrId Refs/EndToEndId Refs/TxId Refs/UETR Refs/MndtId Refs/ChqNb Refs/ClrSysRef
BkTxCd/Domn/Cd BkTxCd/Domn/Fmly/Cd BkTxCd/Domn/Fmly/SubFmlyCd BkTxCd/Prtry/Cd BkTxCd/Prtry/Issr
RltdPties/Dbtr/Nm RltdPties/Dbtr/Pty/Nm RltdPties/Cdtr/Nm RltdPties/Cdtr/Pty/Nm
RltdPties/DbtrAcct/Id/IBAN RltdPties/DbtrAcct/Id/Othr/Id RltdPties/CdtrAcct/Id/IBAN RltdPties/CdtrAcct/Id/Othr/Id
RltdPties/UltmtDbtr/Nm RltdPties/UltmtDbtr/Pty/Nm RltdPties/UltmtCdtr/Nm RltdPties/UltmtCdtr/Pty/Nm
RltdPties/Cdtr/Id/PrvtId/Othr/Id RltdPties/Cdtr/Id/PrvtId/Othr/SchmeNm/Prtry RltdPties/Cdtr/Pty/Id/PrvtId/Othr/Id RltdPties/Cdtr/Pty/Id/PrvtId/Othr/SchmeNm/Prtry
RltdAgts/DbtrAgt/FinInstnId/BIC RltdAgts/DbtrAgt/FinInstnId/BICFI RltdAgts/CdtrAgt/FinInstnId/BIC RltdAgts/CdtrAgt/FinInstnId/BICFI
Purp/Cd Purp/Prtry RmtInf/Ustrd RmtInf/Strd/CdtrRefInf/Ref RmtInf/Strd/CdtrRefInf/CdtrRef RmtInf/Strd/RfrdDocInf/Nb RmtInf/Strd/AddtlRmtInf
RtrInf/Rsn/Cd RtrInf/Rsn/Prtry RtrInf/AddtlInf AddtlTxInf`
	m := map[string]bool{}
	for path := range strings.FieldsSeq(list) {
		m[path] = true
	}
	for path := range strings.FieldsSeq(details) {
		m["Ntry/NtryDtls/TxDtls/"+path] = true
	}
	return m
}()

// hasHome looks up a path such as "/Stmt/Ntry/Amt".
func hasHome(path []byte) bool {
	text := strings.TrimPrefix(string(path), "/")
	if text == "GrpHdr/MsgId" || text == "GrpHdr/CreDtTm" || strings.HasPrefix(text, "GrpHdr/MsgPgntn/") {
		return true // of the envelope; pages are looked at
	}
	element, below, found := strings.Cut(text, "/")
	if element != "Stmt" && element != "Rpt" || !found {
		return false
	}
	if homes[below] {
		return true
	}
	for i := range below {
		if below[i] == '/' && homes[below[:i+1]] {
			return true
		}
	}
	return false
}
