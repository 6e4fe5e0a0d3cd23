"""One box in marimo: ``marimo edit docs/notebooks/one_box_marimo.py``. The cell below the picture follows the drag."""

import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    from roialign_lab.lesson.scenario import Scenario
    from roialign_lab.notebook import Lab

    lab = mo.ui.anywidget(Lab(Scenario(box=(0, 3, 7, 8))))
    mo.vstack([lab])
    return (lab,)


@app.cell
def _(lab):
    print(lab.value["box"])
    print(lab.widget.trace.output.round(4))


if __name__ == "__main__":
    app.run()
