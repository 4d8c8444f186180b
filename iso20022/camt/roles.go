package camt

import (
	"sync"

	"kontor/xsd"
)

// The roles of elements. A role stands for one meaning, wherever a version has it.
const (
	roleMessageID xsd.Role = iota + 1
	roleCreated
	rolePage
	roleLastPage

	roleStatement // opens and closes
	roleBalance   // opens and closes
	roleEntry     // opens and closes
	roleDetails   // opens and closes: TxDtls

	roleStatementID
	roleSequence
	roleLegalSequence
	roleStatementCreated
	roleStatementPage
	roleStatementLastPage
	roleFrom
	roleTo
	roleIBAN
	roleOtherAccount
	roleAccountCurrency
	roleOwner
	roleServicer
	roleTotalCount
	roleTotalSum
	roleCreditCount
	roleCreditSum
	roleDebitCount
	roleDebitSum

	roleBalanceType
	roleBalanceAmount
	roleBalanceDirection
	roleBalanceDate

	roleCharges // of an entry; from here on amounts that are added up
	roleChargeRecord
	roleTxChargeRecord // of a transaction; what it says in one amount is roleTxCharges

	roleEntryValues // from here on values of an entry: they have a place in its arena
	roleReference
	roleAmount
	roleDirection
	roleReversal
	roleStatus
	roleBooked
	roleValued
	roleServicerReference
	roleDomain
	roleFamily
	roleSubFamily
	roleProprietary
	roleAdditional
	roleBatchMessageID
	roleBatchPaymentInformationID
	roleBatchCount
	roleEntryEnd

	roleDetailValues // from here on values of a transaction: they have a place in its arena
	roleTxMessageID
	roleTxPaymentInformationID
	roleTxServicerReference
	roleTxInstructionID
	roleTxEndToEndID
	roleTxID
	roleTxUETR
	roleTxMandate
	roleTxCheque
	roleTxClearing
	roleTxAmount
	roleTxPlainAmount // AmtDtls/TxAmt: what version .02 has
	roleTxDirection
	roleTxOriginalAmount
	roleTxCharges
	roleTxDomain
	roleTxFamily
	roleTxSubFamily
	roleTxProprietary
	roleDebtor
	roleDebtorIBAN
	roleDebtorAccount
	roleDebtorBIC
	roleUltimateDebtor
	roleCreditor
	roleCreditorID
	roleCreditorIBAN
	roleCreditorAccount
	roleCreditorBIC
	roleUltimateCreditor
	rolePurpose
	roleUnstructured          // may repeat
	roleCreditorReference     // may repeat
	roleDocumentNumber        // may repeat
	roleStructuredInformation // may repeat
	roleReturnReason
	roleReturnInformation
	roleAdditionalTx
	roleDetailEnd
)

const (
	entryValues  = int(roleEntryEnd - roleEntryValues)
	detailValues = int(roleDetailEnd - roleDetailValues)
)

// messages are the names below Document, with those of the first version, and the
// element that repeats in them.
var messages = []struct{ name, statement string }{
	{"BkToCstmrAcctRpt", "Rpt"}, {"BkToCstmrAcctRptV01", "Rpt"},
	{"BkToCstmrStmt", "Stmt"}, {"BkToCstmrStmtV01", "Stmt"},
	{"BkToCstmrDbtCdtNtfctn", "Ntfctn"}, {"BkToCstmrDbtCdtNtfctnV01", "Ntfctn"},
}

// headerRoles are below the message.
var headerRoles = map[string]xsd.Role{
	"GrpHdr/MsgId":              roleMessageID,
	"GrpHdr/CreDtTm":            roleCreated,
	"GrpHdr/MsgPgntn/PgNb":      rolePage,
	"GrpHdr/MsgPgntn/LastPgInd": roleLastPage,
}

// statementRoles are below Rpt, Stmt or Ntfctn; "" is the element itself.
var statementRoles = map[string]xsd.Role{
	"":                                  roleStatement,
	"Id":                                roleStatementID,
	"ElctrncSeqNb":                      roleSequence,
	"LglSeqNb":                          roleLegalSequence,
	"CreDtTm":                           roleStatementCreated,
	"StmtPgntn/PgNb":                    roleStatementPage,
	"StmtPgntn/LastPgInd":               roleStatementLastPage,
	"RptPgntn/PgNb":                     roleStatementPage,
	"RptPgntn/LastPgInd":                roleStatementLastPage,
	"NtfctnPgntn/PgNb":                  roleStatementPage,
	"NtfctnPgntn/LastPgInd":             roleStatementLastPage,
	"FrToDt/FrDtTm":                     roleFrom,
	"FrToDt/FrDt":                       roleFrom,
	"FrToDt/ToDtTm":                     roleTo,
	"FrToDt/ToDt":                       roleTo,
	"Acct/Id/IBAN":                      roleIBAN,
	"Acct/Id/Othr/Id":                   roleOtherAccount,
	"Acct/Id/PrtryAcct/Id":              roleOtherAccount,
	"Acct/Id/BBAN":                      roleOtherAccount,
	"Acct/Ccy":                          roleAccountCurrency,
	"Acct/Ownr/Nm":                      roleOwner,
	"Acct/Svcr/FinInstnId/BIC":          roleServicer,
	"Acct/Svcr/FinInstnId/BICFI":        roleServicer,
	"TxsSummry/TtlNtries/NbOfNtries":    roleTotalCount,
	"TxsSummry/TtlNtries/Sum":           roleTotalSum,
	"TxsSummry/TtlCdtNtries/NbOfNtries": roleCreditCount,
	"TxsSummry/TtlCdtNtries/Sum":        roleCreditSum,
	"TxsSummry/TtlDbtNtries/NbOfNtries": roleDebitCount,
	"TxsSummry/TtlDbtNtries/Sum":        roleDebitSum,
	"Bal":                               roleBalance,
	"Bal/Tp/CdOrPrtry/Cd":               roleBalanceType,
	"Bal/Tp/CdOrPrtry/Prtry":            roleBalanceType,
	"Bal/Tp/Cd":                         roleBalanceType,
	"Bal/Amt":                           roleBalanceAmount,
	"Bal/CdtDbtInd":                     roleBalanceDirection,
	"Bal/Dt/Dt":                         roleBalanceDate,
	"Bal/Dt/DtTm":                       roleBalanceDate,
	"Ntry":                              roleEntry,
	"Ntry/NtryRef":                      roleReference,
	"Ntry/Amt":                          roleAmount,
	"Ntry/CdtDbtInd":                    roleDirection,
	"Ntry/RvslInd":                      roleReversal,
	"Ntry/Sts":                          roleStatus,
	"Ntry/Sts/Cd":                       roleStatus,
	"Ntry/Sts/Prtry":                    roleStatus,
	"Ntry/BookgDt/Dt":                   roleBooked,
	"Ntry/BookgDt/DtTm":                 roleBooked,
	"Ntry/ValDt/Dt":                     roleValued,
	"Ntry/ValDt/DtTm":                   roleValued,
	"Ntry/AcctSvcrRef":                  roleServicerReference,
	"Ntry/BkTxCd/Domn/Cd":               roleDomain,
	"Ntry/BkTxCd/Domn/Fmly/Cd":          roleFamily,
	"Ntry/BkTxCd/Domn/Fmly/SubFmlyCd":   roleSubFamily,
	"Ntry/BkTxCd/Prtry/Cd":              roleProprietary,
	"Ntry/AddtlNtryInf":                 roleAdditional,
	"Ntry/Chrgs/TtlChrgsAndTaxAmt":      roleCharges,
	"Ntry/Chrgs/Rcrd/Amt":               roleChargeRecord,
	"Ntry/Chrgs/Amt":                    roleChargeRecord, // up to version .03
	"Ntry/NtryDtls/Btch/MsgId":          roleBatchMessageID,
	"Ntry/NtryDtls/Btch/PmtInfId":       roleBatchPaymentInformationID,
	"Ntry/NtryDtls/Btch/NbOfTxs":        roleBatchCount,
	"Ntry/Btch/MsgId":                   roleBatchMessageID,
	"Ntry/Btch/PmtInfId":                roleBatchPaymentInformationID,
	"Ntry/Btch/NbOfTxs":                 roleBatchCount,
}

// detailRoles are below TxDtls; "" is the element itself. From version .08 on there is
// a level Pty or Agt between a party and its name.
var detailRoles = map[string]xsd.Role{
	"":                                     roleDetails,
	"Refs/MsgId":                           roleTxMessageID,
	"Refs/PmtInfId":                        roleTxPaymentInformationID,
	"Refs/AcctSvcrRef":                     roleTxServicerReference,
	"Refs/InstrId":                         roleTxInstructionID,
	"Refs/EndToEndId":                      roleTxEndToEndID,
	"Refs/TxId":                            roleTxID,
	"Refs/UETR":                            roleTxUETR,
	"Refs/MndtId":                          roleTxMandate,
	"Refs/ChqNb":                           roleTxCheque,
	"Refs/ClrSysRef":                       roleTxClearing,
	"Amt":                                  roleTxAmount,
	"AmtDtls/TxAmt/Amt":                    roleTxPlainAmount,
	"AmtDtls/InstdAmt/Amt":                 roleTxOriginalAmount,
	"CdtDbtInd":                            roleTxDirection,
	"Chrgs/TtlChrgsAndTaxAmt":              roleTxCharges,
	"Chrgs/Rcrd/Amt":                       roleTxChargeRecord,
	"Chrgs/Amt":                            roleTxChargeRecord, // up to version .03
	"BkTxCd/Domn/Cd":                       roleTxDomain,
	"BkTxCd/Domn/Fmly/Cd":                  roleTxFamily,
	"BkTxCd/Domn/Fmly/SubFmlyCd":           roleTxSubFamily,
	"BkTxCd/Prtry/Cd":                      roleTxProprietary,
	"RltdPties/Dbtr/Nm":                    roleDebtor,
	"RltdPties/Dbtr/Pty/Nm":                roleDebtor,
	"RltdPties/Dbtr/Agt/FinInstnId/Nm":     roleDebtor,
	"RltdPties/DbtrAcct/Id/IBAN":           roleDebtorIBAN,
	"RltdPties/DbtrAcct/Id/Othr/Id":        roleDebtorAccount,
	"RltdPties/UltmtDbtr/Nm":               roleUltimateDebtor,
	"RltdPties/UltmtDbtr/Pty/Nm":           roleUltimateDebtor,
	"RltdPties/Cdtr/Nm":                    roleCreditor,
	"RltdPties/Cdtr/Pty/Nm":                roleCreditor,
	"RltdPties/Cdtr/Agt/FinInstnId/Nm":     roleCreditor,
	"RltdPties/Cdtr/Id/PrvtId/Othr/Id":     roleCreditorID,
	"RltdPties/Cdtr/Id/OrgId/Othr/Id":      roleCreditorID,
	"RltdPties/Cdtr/Id/PrvtId/OthrId/Id":   roleCreditorID,
	"RltdPties/Cdtr/Pty/Id/PrvtId/Othr/Id": roleCreditorID,
	"RltdPties/Cdtr/Pty/Id/OrgId/Othr/Id":  roleCreditorID,
	"RltdPties/CdtrAcct/Id/IBAN":           roleCreditorIBAN,
	"RltdPties/CdtrAcct/Id/Othr/Id":        roleCreditorAccount,
	"RltdPties/UltmtCdtr/Nm":               roleUltimateCreditor,
	"RltdPties/UltmtCdtr/Pty/Nm":           roleUltimateCreditor,
	"RltdAgts/DbtrAgt/FinInstnId/BIC":      roleDebtorBIC,
	"RltdAgts/DbtrAgt/FinInstnId/BICFI":    roleDebtorBIC,
	"RltdAgts/CdtrAgt/FinInstnId/BIC":      roleCreditorBIC,
	"RltdAgts/CdtrAgt/FinInstnId/BICFI":    roleCreditorBIC,
	"Purp/Cd":                              rolePurpose,
	"Purp/Prtry":                           rolePurpose,
	"RmtInf/Ustrd":                         roleUnstructured,
	"RmtInf/Strd/CdtrRefInf/Ref":           roleCreditorReference,
	"RmtInf/Strd/CdtrRefInf/CdtrRef":       roleCreditorReference,
	"RmtInf/Strd/RfrdDocInf/Nb":            roleDocumentNumber,
	"RmtInf/Strd/RfrdDocInf/RfrdDocNb":     roleDocumentNumber, // version .01
	"RmtInf/Strd/AddtlRmtInf":              roleStructuredInformation,
	"RtrInf/Rsn/Cd":                        roleReturnReason,
	"RtrInf/Rsn/Prtry":                     roleReturnReason,
	"RtrInf/RtrRsn/Cd":                     roleReturnReason,
	"RtrInf/AddtlInf":                      roleReturnInformation,
	"AddtlTxInf":                           roleAdditionalTx,
}

// roles are all of them, by the path below Document.
var roles = sync.OnceValue(func() map[string]xsd.Role {
	all := map[string]xsd.Role{}
	put := func(path string, below map[string]xsd.Role) {
		for name, role := range below {
			if name == "" {
				all[path] = role
			} else {
				all[path+"/"+name] = role
			}
		}
	}
	for _, m := range messages {
		statement := m.name + "/" + m.statement
		put(m.name, headerRoles)
		put(statement, statementRoles)
		put(statement+"/Ntry/NtryDtls/TxDtls", detailRoles)
		put(statement+"/Ntry/TxDtls", detailRoles) // version .01 has no NtryDtls
	}
	return all
})
