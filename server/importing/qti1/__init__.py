"""QTI 1.2, as Canvas writes it, with what Blackboard writes otherwise in its items: https://www.imsglobal.org/question/qtiv1p2/imsqti_asi_bindv1p2.html."""
