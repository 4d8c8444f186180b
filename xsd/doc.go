// Package xsd checks documents against official schemas while they pass: a schema is
// compiled to compact tables, and a streaming validator runs these tables on package
// xmlscan, in one pass and without allocation per element.
//
// A reader of documents binds roles to element paths (Schema.Bind) and gets the values
// of these elements as events while the document is checked (Plan.Validate).
package xsd
