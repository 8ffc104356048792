"""What is processed here, in words: the record of processing activities (GDPR art. 30), the template of an impact
assessment (art. 35), and what everybody may read about it. All three are made from what this installation really is.
"""
