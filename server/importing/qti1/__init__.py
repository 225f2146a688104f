"""QTI 1.2, as Canvas and Blackboard write it: https://www.imsglobal.org/question/qtiv1p2/imsqti_asi_bindv1p2.html."""
