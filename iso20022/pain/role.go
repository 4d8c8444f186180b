package pain

import "kontor/xsd"

// Roles of the parts of a message. Parties have roles of their own: see partyRole.
const (
	// group header
	roleMessageID xsd.Role = iota + 1 // 0 is nobody's
	roleCreationDateTime
	roleGroupCount
	roleGroupSum
	// payment information
	roleBatch
	roleBatchID
	roleMethod
	roleBatchCount
	roleBatchSum
	roleBatchType
	roleServiceCode
	roleServiceProprietary
	roleInstrumentCode
	roleInstrumentProprietary
	roleSequence
	roleCategory
	roleExecutionDate
	roleExecutionDateTime
	roleCollectionDate
	roleOwnerIBAN
	roleOwnerOther
	roleOwnerOtherID
	roleOwnerCurrency
	roleOwnerAgent
	roleOwnerBIC
	roleOwnerAgentOther
	roleCharges
	roleBatchScheme
	// transaction
	rolePayment
	rolePaymentType
	rolePaymentServiceCode
	rolePaymentServiceProprietary
	rolePaymentInstrumentCode
	rolePaymentInstrumentProprietary
	rolePaymentSequence
	rolePaymentCategory
	roleInstructionID
	roleEndToEndID
	roleAmount
	roleEquivalentAmount
	rolePaymentCharges
	roleMandate
	roleMandateID
	roleSignatureDate
	roleAmendmentIndicator
	roleAmendment
	roleOriginalIBAN
	roleOriginalSchemeID
	roleOriginalAccountOther
	roleOriginalAgentOther
	rolePaymentScheme
	roleSchemeID
	roleSchemeName
	roleSchemeNameCode
	roleAgent
	roleBIC
	roleAgentOther
	roleAgentClearing
	roleAgentName
	roleAgentAddress
	roleAccount
	roleIBAN
	roleAccountOther
	roleAccountOtherID
	roleRemittanceText
	roleStructured
	roleReferenceType
	roleReferenceProprietary
	roleReferenceIssuer
	roleReference
	// parties
	roleParties
)

// place is where a party stands.
type place uint8

const (
	placeInitiating    place = iota
	placeOwner               // whose account the batch moves: the debtor of a credit transfer, the creditor of a direct debit
	placeOwnerUltimate       // the ultimate owner, of the batch
	placePaymentOwnerUltimate
	placeOther // the creditor of a credit transfer, the debtor of a direct debit
	placeOtherUltimate
	placeCount
)

// part is a part of a party.
type part uint8

const (
	partParty part = iota
	partName
	partAddress
	partStreet
	partPostcode
	partTown
	partCountry
	partLine
	partIdentification
	partOther
	partOtherID
	partLEI
	partCount
)

func partyRole(p place, x part) xsd.Role {
	return roleParties + xsd.Role(p)*xsd.Role(partCount) + xsd.Role(x)
}

// paths collects the roles by path.
type paths map[string]xsd.Role

func (m paths) add(prefix string, list ...any) {
	for ; len(list) > 1; list = list[2:] {
		m[prefix+list[0].(string)] = list[1].(xsd.Role)
	}
}

// party adds the roles of a party. Versions differ in the names of identifications.
func (m paths) party(path string, p place) {
	m.add(path,
		"", partyRole(p, partParty), "/Nm", partyRole(p, partName),
		"/PstlAdr", partyRole(p, partAddress), "/PstlAdr/StrtNm", partyRole(p, partStreet), "/PstlAdr/PstCd", partyRole(p, partPostcode),
		"/PstlAdr/TwnNm", partyRole(p, partTown), "/PstlAdr/Ctry", partyRole(p, partCountry), "/PstlAdr/AdrLine", partyRole(p, partLine),
		"/Id", partyRole(p, partIdentification), "/Id/OrgId/LEI", partyRole(p, partLEI),
		"/Id/OrgId/Othr", partyRole(p, partOther), "/Id/PrvtId/Othr", partyRole(p, partOther),
		"/Id/OrgId/Othr/Id", partyRole(p, partOtherID), "/Id/PrvtId/Othr/Id", partyRole(p, partOtherID))
}

// common adds what both kinds of message have.
func (m paths) common(root, transaction, owner, other string) (batch, payment string) {
	header := root + "/GrpHdr/"
	batch = root + "/PmtInf/"
	payment = batch + transaction + "/"
	m.add(header, "MsgId", roleMessageID, "CreDtTm", roleCreationDateTime, "NbOfTxs", roleGroupCount, "CtrlSum", roleGroupSum)
	m.party(header+"InitgPty", placeInitiating)
	m.add(root, "/PmtInf", roleBatch)
	m.add(batch,
		"PmtInfId", roleBatchID, "PmtMtd", roleMethod, "NbOfTxs", roleBatchCount, "CtrlSum", roleBatchSum, "ChrgBr", roleCharges,
		"PmtTpInf", roleBatchType, "PmtTpInf/SvcLvl/Cd", roleServiceCode, "PmtTpInf/SvcLvl/Prtry", roleServiceProprietary,
		"PmtTpInf/LclInstrm/Cd", roleInstrumentCode, "PmtTpInf/LclInstrm/Prtry", roleInstrumentProprietary,
		"PmtTpInf/SeqTp", roleSequence, "PmtTpInf/CtgyPurp", roleCategory,
		owner+"Acct/Id/IBAN", roleOwnerIBAN, owner+"Acct/Id/Othr", roleOwnerOther, owner+"Acct/Id/Othr/Id", roleOwnerOtherID, owner+"Acct/Ccy", roleOwnerCurrency,
		owner+"Agt", roleOwnerAgent, owner+"Agt/FinInstnId/BIC", roleOwnerBIC, owner+"Agt/FinInstnId/BICFI", roleOwnerBIC, owner+"Agt/FinInstnId/Othr/Id", roleOwnerAgentOther)
	m.party(batch+owner, placeOwner)
	m.party(batch+"Ultmt"+owner, placeOwnerUltimate)
	m.add(batch+transaction, "", rolePayment)
	m.add(payment,
		"PmtId/InstrId", roleInstructionID, "PmtId/EndToEndId", roleEndToEndID, "ChrgBr", rolePaymentCharges,
		"PmtTpInf", rolePaymentType, "PmtTpInf/SvcLvl/Cd", rolePaymentServiceCode, "PmtTpInf/SvcLvl/Prtry", rolePaymentServiceProprietary,
		"PmtTpInf/LclInstrm/Cd", rolePaymentInstrumentCode, "PmtTpInf/LclInstrm/Prtry", rolePaymentInstrumentProprietary,
		"PmtTpInf/SeqTp", rolePaymentSequence, "PmtTpInf/CtgyPurp", rolePaymentCategory,
		other+"Agt", roleAgent, other+"Agt/FinInstnId/BIC", roleBIC, other+"Agt/FinInstnId/BICFI", roleBIC, other+"Agt/FinInstnId/Othr/Id", roleAgentOther,
		other+"Agt/FinInstnId/ClrSysMmbId/MmbId", roleAgentClearing, other+"Agt/FinInstnId/Nm", roleAgentName, other+"Agt/FinInstnId/PstlAdr", roleAgentAddress,
		other+"Acct", roleAccount, other+"Acct/Id/IBAN", roleIBAN, other+"Acct/Id/Othr", roleAccountOther, other+"Acct/Id/Othr/Id", roleAccountOtherID,
		"RmtInf/Ustrd", roleRemittanceText, "RmtInf/Strd", roleStructured, "RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Cd", roleReferenceType,
		"RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Prtry", roleReferenceProprietary, "RmtInf/Strd/CdtrRefInf/Tp/Issr", roleReferenceIssuer, "RmtInf/Strd/CdtrRefInf/Ref", roleReference)
	m.party(payment+other, placeOther)
	m.party(payment+"Ultmt"+owner, placePaymentOwnerUltimate)
	m.party(payment+"Ultmt"+other, placeOtherUltimate)
	return batch, payment
}

func creditTransferPaths() paths {
	m := paths{}
	batch, payment := m.common("CstmrCdtTrfInitn", "CdtTrfTxInf", "Dbtr", "Cdtr")
	m.add(batch, "ReqdExctnDt", roleExecutionDate, "ReqdExctnDt/Dt", roleExecutionDate, "ReqdExctnDt/DtTm", roleExecutionDateTime)
	m.add(payment, "Amt/InstdAmt", roleAmount, "Amt/EqvtAmt", roleEquivalentAmount)
	return m
}

func directDebitPaths() paths {
	m := paths{}
	batch, payment := m.common("CstmrDrctDbtInitn", "DrctDbtTxInf", "Cdtr", "Dbtr")
	m.add(batch, "ReqdColltnDt", roleCollectionDate)
	m.scheme(batch+"CdtrSchmeId", roleBatchScheme)
	m.add(payment, "InstdAmt", roleAmount)
	mandate := payment + "DrctDbtTx/MndtRltdInf"
	m.add(mandate, "", roleMandate, "/MndtId", roleMandateID, "/DtOfSgntr", roleSignatureDate, "/AmdmntInd", roleAmendmentIndicator, "/AmdmntInfDtls", roleAmendment,
		"/AmdmntInfDtls/OrgnlDbtrAcct/Id/IBAN", roleOriginalIBAN, "/AmdmntInfDtls/OrgnlCdtrSchmeId/Id/PrvtId/Othr/Id", roleOriginalSchemeID,
		"/AmdmntInfDtls/OrgnlDbtrAcct/Id/Othr/Id", roleOriginalAccountOther, "/AmdmntInfDtls/OrgnlDbtrAgt/FinInstnId/Othr/Id", roleOriginalAgentOther)
	m.scheme(payment+"DrctDbtTx/CdtrSchmeId", rolePaymentScheme)
	return m
}

func (m paths) scheme(path string, r xsd.Role) {
	m.add(path, "", r, "/Id/PrvtId/Othr/Id", roleSchemeID, "/Id/PrvtId/Othr/SchmeNm/Prtry", roleSchemeName, "/Id/PrvtId/Othr/SchmeNm/Cd", roleSchemeNameCode)
}
