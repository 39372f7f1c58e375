-- A notice leads to a question, each time that it comes: it may be told before what it tells of can be read.

local QUESTIONS = {payment = "ask_payment", merchant_order = "ask_merchant_order",
                   topic_merchant_order_wh = "ask_merchant_order", order = "ask_order"}

local function apply(record, context)
  local question = QUESTIONS[record.fields.topic]
  if record.deleted or not question or context.parameters.provider == "" then return end
  react(question, {resource = record.fields.resource})
end

return {apply = apply}
