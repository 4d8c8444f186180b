package pain

// directDebits is the PmtInf of a pain.008.
func (v *version) directDebits() *element {
	return seq("PmtInf",
		leaf("PmtInfId", roleBatchID),
		leaf("PmtMtd", roleMethod),
		leaf("BtchBookg", roleNone).maybe(),
		leaf("NbOfTxs", roleBatchCount).maybe(),
		leaf("CtrlSum", roleBatchSum).maybe(),
		v.paymentType(roleServiceLevel, roleLocalInstrument, leaf("SeqTp", roleBatchSequence).maybe()),
		leaf("ReqdColltnDt", roleCollectionDate),
		v.party("Cdtr", roleOwnerName).as(roleOwner),
		v.ownAccount("CdtrAcct"),
		v.agent("CdtrAgt", roleOwnerBIC),
		skip("CdtrAgtAcct"),
		skip("UltmtCdtr"),
		leaf("ChrgBr", roleNone).maybe(),
		skip("ChrgsAcct"),
		skip("ChrgsAcctAgt"),
		scheme(roleBatchSchemeID, roleBatchSchemeName).as(roleBatchScheme),
		v.directDebit(),
	).as(roleBatch).repeatable()
}

func (v *version) directDebit() *element {
	e := seq(v.transaction,
		v.paymentID(),
		v.paymentType(rolePaymentServiceLevel, rolePaymentLocalInstrument, leaf("SeqTp", rolePaymentSequence).maybe()),
		leaf("InstdAmt", roleAmount),
		leaf("ChrgBr", roleNone).maybe(),
		seq("DrctDbtTx",
			v.mandate(),
			scheme(rolePaymentSchemeID, rolePaymentSchemeName).as(rolePaymentScheme),
			leaf("PreNtfctnId", roleNone).maybe(),
			leaf("PreNtfctnDt", roleNone).maybe(),
		).maybe(),
		skip("UltmtCdtr"),
		v.agent("DbtrAgt", roleCounterpartyBIC),
		skip("DbtrAgtAcct"),
		v.party("Dbtr", roleCounterpartyName).as(roleCounterparty),
		v.counterpartyAccount("DbtrAcct"),
		skip("UltmtDbtr"),
		leaf("InstrForCdtrAgt", roleNone).maybe(),
		skip("Purp"),
		skip("RgltryRptg").repeatable(),
		skip("Tax"),
		skip("RltdRmtInf").repeatable(),
		remittance(),
	)
	v.addIfModern(e, skip("SplmtryData").repeatable())
	return e.as(rolePayment).repeatable()
}

func (v *version) mandate() *element {
	amendment := seq("AmdmntInfDtls",
		leaf("OrgnlMndtId", roleNone).maybe(),
		skip("OrgnlCdtrSchmeId"),
		skip("OrgnlCdtrAgt"),
		skip("OrgnlCdtrAgtAcct"),
		skip("OrgnlDbtr"),
		skip("OrgnlDbtrAcct"),
		skip("OrgnlDbtrAgt"),
		skip("OrgnlDbtrAgtAcct"),
		leaf("OrgnlFnlColltnDt", roleNone).maybe(),
		skip("OrgnlFrqcy"),
	)
	v.addIfModern(amendment, skip("OrgnlRsn"))
	v.addIfModern(amendment, leaf("OrgnlTrckgDays", roleNone).maybe())
	e := seq("MndtRltdInf",
		leaf("MndtId", roleMandateID).maybe(),
		leaf("DtOfSgntr", roleSignatureDate).maybe(),
		leaf("AmdmntInd", roleAmendmentIndicator).maybe(),
		amendment.as(roleAmendment).maybe(),
		leaf("ElctrncSgntr", roleNone).maybe(),
		leaf("FrstColltnDt", roleNone).maybe(),
		leaf("FnlColltnDt", roleNone).maybe(),
		skip("Frqcy"),
	)
	v.addIfModern(e, skip("Rsn"))
	v.addIfModern(e, leaf("TrckgDays", roleNone).maybe())
	return e.as(roleMandate).maybe()
}

// scheme is CdtrSchmeId. SEPA knows the creditor identifier as a private
// identification of another kind; whatever else a party may have is not read.
func scheme(id, name role) *element {
	return seq("CdtrSchmeId",
		leaf("Nm", roleNone).maybe(),
		skip("PstlAdr"),
		oneOf("Id",
			skip("OrgId"),
			seq("PrvtId",
				skip("DtAndPlcOfBirth"),
				seq("Othr",
					leaf("Id", id),
					oneOf("SchmeNm", leaf("Cd", name), leaf("Prtry", name)).maybe(),
					leaf("Issr", roleNone).maybe(),
				).maybe().repeatable(),
			),
		).maybe(),
		leaf("CtryOfRes", roleNone).maybe(),
		skip("CtctDtls"),
	).maybe()
}
