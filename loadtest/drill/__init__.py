"""A drill: real processes on this machine, hurt on purpose, while clients record what they are told.

stage      PostgreSQL, Redis, nodes, a balancer that we own: started, hurt and healed by name
people     candidates and instructors with the reference client's own core, every operation recorded
faults     what is done to the stage, each with its heal
drill      one fault from the first arrival to the verdict of the checker
"""
