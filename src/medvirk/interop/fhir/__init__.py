"""FHIR R4: what is handed to other systems."""
