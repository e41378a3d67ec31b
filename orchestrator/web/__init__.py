"""The pages: what reps, the ABM team, ops and leaders see in a browser.

Every page works without JavaScript; `static/desk.js` adds keys. Handlers call one use case each and
decide nothing. They are plain functions, so that a slow query holds up nobody else.
"""
